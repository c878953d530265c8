import type { JsonNode } from '../../json-node.ts';
import { parseGitUri, parseWorkflowUri } from '../../sigstore/workflow-uri.ts';

/** What a provenance predicate and a Fulcio certificate can both say of a build. */
export type ClaimSubject =
  | 'repository'
  | 'repository id'
  | 'owner id'
  | 'ref'
  /** A branch or tag without `refs/heads/` or `refs/tags/`. */
  | 'ref name'
  | 'commit'
  /** Path of the workflow within the repository. */
  | 'workflow'
  | 'workflow name'
  | 'workflow ref'
  | 'workflow commit'
  | 'trigger'
  | 'run'
  | 'runner environment';

/** One thing that a predicate says; `at` is the member that says it. */
export interface Claim {
  readonly about: ClaimSubject;
  readonly value: string;
  readonly at: string;
}

/** A predicate as its build type prescribes it, not yet believed. */
export interface ProvenanceClaims {
  readonly buildType: string;
  readonly builder: string;
  readonly claims: readonly Claim[];
}

const MAX_TEXT = 4096;
const COMMIT = /^[0-9a-f]{40}$|^[0-9a-f]{64}$/;

export function textOf(node: JsonNode): string {
  return node.text(MAX_TEXT);
}

/** A claim, if the predicate has the member. */
export function claim(about: ClaimSubject, node: JsonNode | undefined): Claim[] {
  return node === undefined ? [] : [{ about, value: textOf(node), at: node.path }];
}

/** `git+https://github.com/owner/name@refs/heads/main`: the repository and, where given, the ref or commit. */
export function claimSource(node: JsonNode): Claim[] {
  const uri = textOf(node);
  const source = parseGitUri(uri);
  // What is no git URI is held against the repository as it stands, and differs from it.
  if (source === undefined) return [{ about: 'repository', value: uri, at: node.path }];
  const { repository, ref } = source;
  const claims: Claim[] = [{ about: 'repository', value: repository, at: node.path }];
  if (ref !== undefined) claims.push({ about: COMMIT.test(ref) ? 'commit' : 'ref', value: ref, at: node.path });
  return claims;
}

/** `owner/name/.github/workflows/release.yml@refs/heads/main`, as GitHub's GITHUB_WORKFLOW_REF. */
export function claimGithubWorkflowRef(node: JsonNode | undefined): Claim[] {
  if (node === undefined) return [];
  const text = textOf(node);
  const workflow = parseWorkflowUri(`https://github.com/${text}`);
  if (workflow === undefined) return [{ about: 'workflow', value: text, at: node.path }];
  const { repository, path, ref } = workflow;
  return [
    { about: 'repository', value: repository, at: node.path },
    { about: 'workflow', value: path, at: node.path },
    { about: 'workflow ref', value: ref, at: node.path },
  ];
}

/** The sources among materials or resolved dependencies: the first is what was built, further ones of the same name agree. */
export function claimMaterials(materials: readonly JsonNode[], digestName: 'sha1' | 'gitCommit'): Claim[] {
  const [first] = materials;
  if (first === undefined) return [];
  const built = parseGitUri(textOf(first.member('uri')))?.repository;
  return materials.flatMap((material) => {
    const uri = material.optional('uri');
    const isBuilt = material === first || (uri !== undefined && parseGitUri(textOf(uri))?.repository === built);
    if (uri === undefined || !isBuilt) return [];
    return [...claimSource(uri), ...claim('commit', material.member('digest').member(digestName))];
  });
}
