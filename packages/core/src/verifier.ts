import sigstore from '@sigstore/verify/package.json' with { type: 'json' };

/**
 * Who judges: the edition is raised with every change of what checks 3 to 5 look at or tell. Verdicts of another edition,
 * or of another version of the library that decides, do not stand; a release, which has a version, keeps its own anyway.
 */
export const VERIFIER: string = `edition 1, @sigstore/verify ${sigstore.version}`;
