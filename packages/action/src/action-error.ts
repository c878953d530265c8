/** Why the Action cannot decide. Ends the step as failed. */
export class ActionError extends Error {
  override readonly name = 'ActionError';
}
