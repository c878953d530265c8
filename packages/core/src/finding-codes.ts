/**
 * Every fact that a policy may object to. The list is closed: docs/findings.md has one heading a code, and a test
 * holds the two together.
 *
 * `level` is the level of the built-in default; `contradicts` says that the fact is evidence *against* the entry
 * (its grade becomes `contradicted`), not merely the lack of evidence.
 */
export interface FindingCodeInfo {
  readonly level: Level;
  readonly contradicts: boolean;
  /** One sentence: what is the case. */
  readonly title: string;
  /** One sentence, imperative: how to mend it. */
  readonly fix: string;
}

export type Level = 'error' | 'warn' | 'note';

const contradiction = (title: string, fix: string): FindingCodeInfo => ({
  level: 'error',
  contradicts: true,
  title,
  fix,
});
const error = (title: string, fix: string): FindingCodeInfo => ({ level: 'error', contradicts: false, title, fix });
const warn = (title: string, fix: string): FindingCodeInfo => ({ level: 'warn', contradicts: false, title, fix });
const note = (title: string, fix: string): FindingCodeInfo => ({ level: 'note', contradicts: false, title, fix });

const RELOCK = 'Restore the entry from the last good commit, or delete it and lock again with the package manager.';
const DECLARE = "Declare the override in the project's own manifest, or restore the edge.";
const REPORT = 'Do not install it; report it to the registry and lock a version whose evidence verifies.';

export const FINDING_CODES = {
  // integrity
  'integrity-missing': error(
    'The entry has no integrity hash: any bytes would be accepted.',
    'Lock again with a package manager that records integrity (`npm install`, `pnpm install --fix-lockfile`).',
  ),
  'integrity-malformed': error('The integrity hash is not well-formed.', RELOCK),
  'integrity-weak': error(
    'The integrity hash is of a broken algorithm (sha1, md5).',
    'Lock again against a registry that publishes sha512.',
  ),
  'integrity-ambiguous': error(
    'Several hashes of the strongest algorithm are given: any one of them would be accepted.',
    RELOCK,
  ),
  'integrity-unknown-algorithm': error(
    'The integrity hash is of an unknown algorithm, which package managers treat as none.',
    RELOCK,
  ),
  'integrity-mismatch': contradiction(
    "The locked integrity is not that of the registry's tarball for this name and version.",
    RELOCK,
  ),
  'tarball-mismatch': contradiction(
    'The bytes served for this entry do not hash to the locked integrity.',
    'Do not install; find out who serves other bytes (registry, mirror, cache).',
  ),
  'checksum-missing': error(
    'The entry has no Yarn checksum: nothing pins its files.',
    'Run `yarn install --check-cache` and commit the checksum that it writes.',
  ),
  'checksum-missing-elsewhere': warn(
    'The entry is for some platforms only, and Yarn records no checksum of such packages: nothing pins its files.',
    'Yarn has no setting that pins it: look at what the registry can prove of this version, or lock with another package manager.',
  ),
  'checksum-unverifiable': error(
    "The Yarn checksum has another cache key than the lockfile's, so Yarn itself never compares it.",
    'Run `yarn install` so that Yarn writes the checksum again.',
  ),
  'checksum-unreproducible': error(
    'The Yarn checksum is of a compression that could not be rebuilt here: nothing binds the entry.',
    'Set `compressionLevel: 0` in .yarnrc.yml, or install the optional packages @yarnpkg/libzip and @yarnpkg/fslib.',
  ),
  // identity of the entry
  'version-missing': error('The entry has no version.', RELOCK),
  'name-mismatch': contradiction(
    'An edge or key leads to a package of another name, and no declared alias says so.',
    RELOCK,
  ),
  'url-mismatch': contradiction('The locked URL is not the tarball of this name and version.', RELOCK),
  'non-registry-source': error('The entry looks like a registry package but is fetched from somewhere else.', RELOCK),
  'archive-url-redirect': contradiction(
    "Yarn's __archiveUrl sends the download elsewhere than to this package's tarball on a configured registry.",
    RELOCK,
  ),
  'insecure-url': warn('The locked URL is plain http.', 'Configure the registry with https and lock again.'),
  'version-vanished': contradiction(
    'The registry answers, and does not know this name and version.',
    'Find out whether it was unpublished; lock a version that exists.',
  ),
  'unknown-class': error('The entry is of no kind that lockseal knows.', 'Update lockseal, or report the entry.'),
  // structure
  'sections-disagree': error(
    'Two sections of the lockfile say different things about one package.',
    'Delete the stale section: lock again with one package manager.',
  ),
  'multiple-documents': error(
    'The file holds two project documents.',
    'Restore the lockfile from the last good commit.',
  ),
  'irregular-syntax': error(
    'The file uses syntax that its package manager never writes and other readers may read differently.',
    'Lock again with the package manager.',
  ),
  'unexpected-field': warn(
    'The lockfile has a member that its format does not define.',
    'Update lockseal if the package manager is newer; else find out who wrote it.',
  ),
  'shadowing-lockfile': error(
    'Another lockfile beside this one would be read by some package managers instead.',
    'Delete the lockfile that the project does not use.',
  ),
  'link-replaces-registry': contradiction(
    'A link or local directory stands where the project asks for a registry package.',
    RELOCK,
  ),
  'false-bundle-claim': contradiction(
    'The entry claims to be bundled, yet its parent does not bundle it, or it has a URL of its own.',
    RELOCK,
  ),
  // edges
  'edge-forged': contradiction("The dependency recorded here is not the one in the version's own manifest.", DECLARE),
  'edge-unsatisfied': error('The dependency is answered by a version outside the range asked for.', DECLARE),
  'dependency-not-locked': error(
    'A dependency that the manifest requires is not locked.',
    'Lock again with the package manager.',
  ),
  'unlisted-dependency': error(
    'Nothing depends on this entry, yet the lockfile vouches for it.',
    'Remove the entry: `npm prune`, `pnpm install`, `yarn install`.',
  ),
  'specifier-mismatch': error(
    "The project's manifest asks for something else than the lockfile says it asks for.",
    'Run the package manager so that lockfile and manifest agree.',
  ),
  'override-undeclared': error(
    'The lockfile claims an override, extension or patch that the project does not declare.',
    DECLARE,
  ),
  'manifest-mismatch': warn(
    "The registry's version document and the package.json in the tarball declare different dependencies or scripts.",
    'Read both; trust the tarball, and tell the maintainer.',
  ),
  'override-applied': note(
    'The project declares that this dependency is replaced.',
    'Nothing to mend; it is listed so that reviewers see it.',
  ),
  'patch-applied': note('The project patches this package.', 'Nothing to mend; it is listed so that reviewers see it.'),
  'patch-mismatch': error(
    'The patch file on disk is not the one that the lockfile records.',
    'Restore the patch file, or lock again after reviewing it.',
  ),
  'patch-missing': error('The patch file that the lockfile names is not there.', 'Restore the patch file.'),
  'project-missing': note(
    'The project manifests are not beside the lockfile: root edges, overrides and workspaces were not checked.',
    'Run lockseal where package.json is.',
  ),
  // registry signature
  'signature-invalid': contradiction('A registry signature does not verify over the locked integrity.', REPORT),
  'signature-unknown-key': warn(
    'The registry signature names a key that is not trusted here.',
    "Refresh the keys (`lockseal trust update`) or configure the registry's keys.",
  ),
  'signature-key-expired': contradiction(
    'The registry signature is by a key that was no longer valid when the version was published.',
    REPORT,
  ),
  'signature-missing': note(
    'The registry has keys, and no signature for this version.',
    'Nothing to mend for an old version; else ask the registry.',
  ),
  // attestations
  'publish-attestation-invalid': contradiction(
    'The publish attestation does not verify for the locked digest.',
    REPORT,
  ),
  'provenance-invalid': contradiction('The provenance does not verify for the locked digest.', REPORT),
  'provenance-inconsistent': contradiction('The provenance predicate and the signing certificate disagree.', REPORT),
  'provenance-unsupported': note(
    'The provenance is of a kind whose predicate lockseal cannot hold against its certificate.',
    'Nothing to mend; the package counts as signed at best.',
  ),
  'attestations-withheld': warn(
    'The registry announces attestations for this version but does not serve them.',
    'Set a registry that serves attestations (`--attestations-registry`), or ask your mirror to pass them on.',
  ),
  'attestation-unrecognized': note(
    'An attestation of a type that lockseal does not judge was found.',
    'Nothing to mend.',
  ),
  'evidence-unavailable': warn(
    'Evidence could not be had: the check is undecided.',
    'Run again when the registry answers, or give an evidence source that has it.',
  ),
  // sources that nothing signs
  'git-unpinned': error('The git dependency is not pinned to a full commit id.', 'Lock it to a full commit id.'),
  'git-source': note('A git dependency: nothing signs it but the commit id pins it.', 'Prefer a published version.'),
  'remote-tarball': note('A tarball from a URL: nothing signs it.', 'Prefer a published version.'),
  'local-tarball-mismatch': contradiction(
    'The local tarball does not hash to what the lockfile records.',
    'Restore the tarball, or lock again after reviewing it.',
  ),
  'local-tarball-missing': error('The local tarball that the lockfile names is not there.', 'Restore the file.'),
  'path-outside-project': error(
    'A link or directory leads out of the repository.',
    'Move it into the repository, or publish it.',
  ),
  'undeclared-source': error(
    'A dependency from git, a URL or a local path that the project does not itself declare.',
    'Find out which package asks for it; override it with a published version.',
  ),
  // tarball
  'tarball-odd': warn(
    'The tarball holds entries that extractors read differently (duplicates, links, absolute paths).',
    'Read the listing before you install it.',
  ),
  'script-undeclared': warn(
    'The tarball runs code at install time, but the lockfile or the registry says that it does not.',
    'Read the script; approve it on purpose or refuse it.',
  ),
  // approvals
  'approval-missing': error(
    'No approval of this lockfile is stored beside it.',
    'Have it approved: `lockseal approve`.',
  ),
  'approval-other-lockfile': error(
    'The approvals are of other bytes than this lockfile has.',
    'Review what changed and approve it: `lockseal approve`.',
  ),
  'approval-other-package-set': error(
    'The approvals are of another set of packages than this lockfile locks.',
    'Review what changed and approve it: `lockseal approve`.',
  ),
  'approval-signature-invalid': error(
    'The signature of an approval does not verify.',
    'Restore the file of approvals from the last good commit, or approve again.',
  ),
  'approval-bundle-invalid': error(
    'The Sigstore bundle of an approval does not prove what it must.',
    'Restore the file of approvals from the last good commit, or approve again.',
  ),
  'approval-signer-unknown': error(
    'An approval is signed by somebody whom the policy does not list.',
    'Have it approved by somebody whom the policy lists, or list the signer in the protected policy.',
  ),
  'approval-role-unfit': error(
    'An approval is given for a role that its signer does not have.',
    'Approve for a role that the policy gives the signer: `lockseal approve --role <role>`.',
  ),
  'approval-malformed': error(
    'An approver signed a statement that is not a well-formed approval.',
    'Approve again with a current lockseal.',
  ),
  'approval-other-repository': error(
    'An approval names another repository than the one that it is used in.',
    'Approve it in this repository, or correct `repository` in the policy.',
  ),
  'approval-other-ref': error(
    'An approval names a ref for which the policy accepts none.',
    'Approve it on a ref that the policy lists, or list the ref.',
  ),
  'approval-other-path': error(
    'An approval is of a lockfile at another path.',
    'Approve the lockfile at this path: `lockseal approve`.',
  ),
  'approval-other-policy': error(
    'An approval was given under a policy that is not accepted.',
    'Approve it again under the policy in force: `lockseal approve`.',
  ),
  'approval-expired': error('An approval has expired.', 'Approve it again: `lockseal approve`.'),
  'approval-too-old': error('An approval is older than the policy allows.', 'Approve it again: `lockseal approve`.'),
  'approval-from-future': error(
    'An approval claims a time that has not come yet.',
    'Set the clock of this machine right, or approve again.',
  ),
  'approval-untimestamped': error(
    'Nobody vouches for the time of an approval that is signed with a key.',
    'Approve again with a timestamp authority or log, or set `allowUntimestamped: true` in the policy.',
  ),
  'approval-revoked': error('The approval was revoked.', 'Find out why it was revoked; approve again only after that.'),
  'approval-replayed': error(
    'An approval is older than the state that the baseline was approved in.',
    'Bring the lockfile to the state of the baseline or later, and approve it.',
  ),
  'approvers-too-few': error(
    'A role has fewer approvers than the policy demands.',
    'Have it approved by more people of the role: `lockseal approve --role <role>`.',
  ),
  'approver-repeated': error(
    'One approver signed several times where several approvers are needed.',
    'Let another person of the role approve.',
  ),
  'approvers-disagree': error(
    'There are enough approvers, but they did not approve the same thing.',
    'Let all approvers approve the same state: `lockseal approve`.',
  ),
  'artifact-not-released': error(
    'No counting release statement names this artifact.',
    'Sign the release: `lockseal approve --release <file>`.',
  ),
  // what only a policy asks for
  'provenance-missing': error(
    'The policy requires provenance, and there is none for this version.',
    'Lock a version that has provenance, or except the package in the policy (`overrides`, or a waiver with an expiry).',
  ),
  'publish-attestation-missing': error(
    'The policy requires a publish attestation, and there is none for this version.',
    'Lock a version that has one, or except the package in the policy.',
  ),
  'identity-mismatch': error(
    'The provenance verifies, and is by another identity than the policy pins for this package.',
    'Do not install it before you know why it was built elsewhere; then correct the pin under `identities`.',
  ),
  'identity-drift': error(
    'The provenance is by another identity than that of the version before it.',
    'Find out from the project why its release moved; then pin the new identity under `identities`.',
  ),
  'provenance-downgrade': error(
    'The version before it had verified provenance; this one has none.',
    'Stay on the version before it, or find out from the project why it was published by hand.',
  ),
  'release-too-young': error(
    'The version was published more recently than the policy allows.',
    'Wait, lock an older version, or waive it with a reason and an expiry.',
  ),
  'script-unapproved': error(
    'The package runs code when it is installed, and the policy does not allow that script.',
    'Read the script; then allow it by its digest under `rules.install-scripts.allow`, or lock another version.',
  ),
  'source-disallowed': error(
    'The package comes from a registry or host that the policy does not name.',
    'Lock it from an allowed registry, or name the registry under `registries`.',
  ),
  'exotic-dependency': error(
    'A package from git, a URL or a local path stands where the policy allows only registry packages.',
    'Depend on a published version, or override the dependency with one.',
  ),
  'publisher-changed': warn(
    'Nobody who published this package before published this version.',
    'Find out who took over, and from whom; then waive it with a reason.',
  ),
  'dormant-revived': warn(
    'The package had no release for a long time before this recent one.',
    'Read what changed before you take it; stay on the version before it until then.',
  ),
  'young-dependency': error(
    'The package itself is new: its first version was published only recently.',
    'Find out which package brought it in and why; stay on the version that does not need it.',
  ),
  'tarball-delta': warn(
    'The contents of the tarball changed in a way that attacks have: new scripts, programs or kinds of files, or a jump in size.',
    'Compare the two tarballs before you take it.',
  ),
  deprecated: warn('The version is deprecated by its maintainers.', 'Lock a version that is maintained.'),
  'custom-rule': error('A rule of the project objects.', 'Do what the rule says, or waive it with a reason.'),
  'trust-unacceptable': error(
    'The trust material used is not what the policy accepts.',
    'Refresh it (`lockseal verify` online), or correct `trust` in the policy.',
  ),
  'baseline-missing': note(
    "There is nothing to compare with: rules about changes looked at the package's own history only.",
    'Name the state before the change: `lockseal verify --base <git ref>`.',
  ),
  'policy-changed': warn(
    'The policy in the working tree is not the one of the protected ref.',
    'Review the change to the policy by itself: what does it allow that was not allowed before.',
  ),
  'policy-unmatched': warn(
    'A pattern in the policy matches no locked package: it is misspelt, or no longer needed.',
    'Correct the pattern, or remove it.',
  ),
  'waiver-expired': error(
    'A waiver has expired and hides nothing any more.',
    'Remove it, or have it renewed with a new reason.',
  ),
  'waiver-unused': warn('A waiver hides no finding.', 'Remove it.'),
  // install scripts, after an install through the gate
  'script-held': note(
    'An install script was not run, because the policy does not list it.',
    'Read it (`lockseal scripts`); to run it from now on, list it by its digest under `rules.install-scripts.allow`.',
  ),
  'script-failed': error(
    'An approved install script did not do what it is approved for.',
    'Read what it printed; correct what the policy grants it, or lock another version.',
  ),
  'installer-bypass': error(
    'A setting makes the package manager install without heeding this lockfile.',
    'Remove the setting.',
  ),
  // installing
  'gate-refused': error(
    'Something that is not approved was asked for during the install.',
    'Find out who asked. What belongs to the build, lock and approve; a host, name under `install.allowHosts` of the policy.',
  ),
  'lockfile-changed': error(
    'The lockfile was written to while it was installed from.',
    'Restore it; find out what wrote it: a command that resolves versions anew, or a script.',
  ),
  // what lies on disk, against what was approved
  'installed-extra': error(
    'Something lies among the installed packages that nothing approved put there.',
    'Find out what wrote it; then delete `node_modules` and install again.',
  ),
  'installed-missing': error(
    'Something that was approved and that this platform needs is not installed.',
    'Install again with the lockfile as it is (`lockseal install`).',
  ),
  'installed-changed': error(
    'Something that is installed is not as it was approved.',
    'Find out what wrote to it; then delete `node_modules` and install again.',
  ),
} as const satisfies Record<string, FindingCodeInfo>;

export type FindingCode = keyof typeof FINDING_CODES;
