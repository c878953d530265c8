// A fresh policy has nothing against the project that it was made from, through the whole tool: two real lockfiles here,
// five in policy-init.real.ts (`npm run test:real`).
import { testInit } from './support/init-and-verify.ts';

for (const name of ['npm-npmcli-audit-omit.package-lock.json', 'npm-npmcli.package-lock.json']) testInit(name);
