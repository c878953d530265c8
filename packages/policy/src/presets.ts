/** Policies that `extends` can name, as files: they are read by the same reader as a project's own. */
export const PRESETS: ReadonlyMap<string, string> = new Map([
  [
    'baseline',
    `# What no project should be without: what is locked is what was published, and dependencies come from a registry.
version: 1
rules:
  deprecated: note
`,
  ],
  [
    'recommended',
    `# Beside that: nothing fresh, nothing that runs at install time unasked, no step back in evidence.
version: 1
extends: baseline
rules:
  baseline: note
  release-age: {level: error, minAge: P3D}
  install-scripts: error
  young-new-dependency: {level: error, minAge: P30D}
  provenance-downgrade: error
  identity-drift: error
  publisher-change: warn
  dormant-revived: warn
  tarball-delta: warn
  deprecated: warn
`,
  ],
  [
    'strict',
    `# For what is released to others: every change that a person should look at is an error.
version: 1
extends: recommended
longestWaiver: P30D
rules:
  baseline: warn
  release-age: {level: error, minAge: P7D}
  registry-signature: {levels: {signature-missing: error, signature-unknown-key: error}}
  evidence: {levels: {attestations-withheld: error, evidence-unavailable: error}}
  exotic-dependency: {level: error, direct: false}
  young-new-dependency: {level: error, minAge: P90D}
  publisher-change: error
  dormant-revived: error
  tarball-delta: error
  tarball: error
  manifest-mismatch: error
  policy-file: error
  deprecated: error
`,
  ],
]);

export const PRESET_NAMES: readonly string[] = [...PRESETS.keys()];
