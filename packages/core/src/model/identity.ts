/**
 * Who built or published a package, decoded from the Fulcio certificate (OIDs 1.3.6.1.4.1.57264.1.*).
 * https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md
 */
export interface Identity {
  readonly issuer: string;
  /** Subject alternative name: the workflow (a URI) or an e-mail address. */
  readonly san: string;
  readonly sanType: 'uri' | 'email' | 'other';
  /** `https://github.com/owner/name`. */
  readonly repository: string | undefined;
  /** Numeric id of the repository, which a re-created repository does not inherit. */
  readonly repositoryId: string | undefined;
  readonly ownerId: string | undefined;
  /** `.github/workflows/release.yml`. */
  readonly workflow: string | undefined;
  readonly ref: string | undefined;
  readonly commit: string | undefined;
  /** `push`, `workflow_dispatch`, `pull_request_target`… */
  readonly trigger: string | undefined;
  readonly runnerEnvironment: string | undefined;
  readonly runUrl: string | undefined;
  /** `public` or `private` at the time of the build. */
  readonly visibility: string | undefined;
}
