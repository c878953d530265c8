import type { JsonNode } from '../../json-node.ts';
import type { Identity } from '../../model/identity.ts';
import type { ProvenanceClaims } from './claims.ts';

/** One kind of provenance predicate: how it is read, and who may have built what it describes. */
export interface PredicateKind {
  readonly predicateType: string;
  readonly buildTypes: readonly string[];
  /** Whose tokens stand behind the certificates of such builds. */
  readonly issuer: 'github' | 'gitlab';
  /** @throws ShapeError where the predicate is not as its build type prescribes */
  read(predicate: JsonNode, buildType: string): ProvenanceClaims;
  /** Whether the builder that the predicate names is one that this certificate can speak for. */
  isBuilder(builder: string, identity: Identity): boolean;
}

export const SLSA_V02 = 'https://slsa.dev/provenance/v0.2';
export const SLSA_V1 = 'https://slsa.dev/provenance/v1';

const RUNNER = 'https://github.com/actions/runner';
const ENVIRONMENTS: readonly string[] = ['github-hosted', 'self-hosted'];

/** GitHub's runner, in the environment that the certificate names (old certificates name none). */
export function isGithubRunner(builder: string, identity: Identity): boolean {
  if (builder === RUNNER) return true;
  const { runnerEnvironment } = identity;
  const environments = runnerEnvironment === undefined ? ENVIRONMENTS : [runnerEnvironment];
  return environments.some((environment) => builder === `${RUNNER}/${environment}`);
}
