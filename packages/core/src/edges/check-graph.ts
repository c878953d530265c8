import type { Observation } from '../model/evidence.ts';
import type { Lockfile } from '../model/lockfile.ts';
import type { Project } from '../model/project.ts';
import { checkClaims } from './claims.ts';
import { edgeContext } from './context.ts';
import { checkRecordedEdges } from './entries.ts';
import { checkImporters } from './importers.ts';
import { withoutRepetitions } from './observe.ts';
import { checkPatches } from './patches.ts';
import { checkReachability } from './reachability.ts';
import { checkSources } from './sources.ts';

/**
 * Everything about a lockfile's graph that needs no registry: the project's own edges, recorded specifiers against
 * the targets they lead to, reachability, sources, and the lockfile's claims of overrides, extensions and patches.
 * @param lockfile with its importers bound to the project (`bindProject` of `@lockseal/lockfile`)
 * @param project undefined: only the lockfile is here; its own claims are then taken at its word, and a note says so
 */
export function checkGraph(lockfile: Lockfile, project: Project | undefined): Observation[] {
  const context = edgeContext(lockfile, project);
  return withoutRepetitions([
    ...(project === undefined ? [{ code: 'project-missing' } as const] : []),
    ...checkShadowing(project),
    ...checkImporters(context),
    ...checkRecordedEdges(context),
    ...checkReachability(context),
    ...checkSources(context),
    ...checkClaims(context),
    ...checkPatches(context),
  ]);
}

function checkShadowing(project: Project | undefined): Observation[] {
  return (project?.otherLockfiles ?? []).map((found) => ({ code: 'shadowing-lockfile', found }));
}
