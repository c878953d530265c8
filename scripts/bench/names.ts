// Names of contenders by which figures are compared with each other.

export const EMPTY = 'empty node';
export const BARE = 'bare signatures, all cores';
export const STOCK = '@sigstore/verify in a loop';
export const COLD = 'lockseal verify, evidence local, nothing decided';
export const COLD_HTTP = 'lockseal verify, nothing cached, over HTTP';
export const WARM = 'lockseal verify, unchanged';
export const WARM_HTTP = 'lockseal verify, unchanged, asked again over HTTP';
export const ONE_CHANGED = 'lockseal verify, one package changed';
export const TENTH_CHANGED = 'lockseal verify, a tenth changed';
export const ENFORCE = 'lockseal enforce';
export const NPM = 'npm audit signatures';
export const PNPM = 'pnpm audit signatures';
