// For a checkout that is used and not developed: installs what pnpm-lock.yaml pins, the first time.
import fs from 'node:fs';
import path from 'node:path';
import { nodeProgram, root, setupOrExit } from '../../scripts/setup.mjs';

/** First words of a command line that runs TypeScript of this checkout, on the Node that is pinned there. */
export function installedNode() {
  // What a developer has set up is left as it is.
  const isInstalled = fs.existsSync(path.join(root, 'node_modules', '.modules.yaml'));
  if (!isInstalled) setupOrExit({ production: true });
  return [nodeProgram(), '--conditions=@lockseal/source'];
}

/** The `lockseal` command of this checkout. */
export const command = path.join(root, 'packages', 'cli', 'bin', 'lockseal.js');
