// `npm run test:real`: policy-init.test.ts on five real lockfiles, some of them large.
import { testInit } from './support/init-and-verify.ts';

const FILES = [
  'npm-npmcli-audit-omit.package-lock.json',
  'npm-npmcli.package-lock.json',
  'npm-create-react-app.package-lock.json',
  'pnpm-astro.pnpm-lock.yaml',
  'pnpm-many-deps.pnpm-lock.yaml',
];

for (const name of FILES) testInit(name);
