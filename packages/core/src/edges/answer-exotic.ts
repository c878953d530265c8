import type { LockedPackage, Source } from '../model/lockfile.ts';
import { isSamePath } from './answer-directory.ts';
import type { Dependent } from './context.ts';
import { describe, type Objection } from './objection.ts';
import { repositoryKey } from './repository.ts';
import type { Specifier } from './specifier.ts';

/** A git repository, a tarball by URL or a local tarball as an answer. */
export function objectionToExotic(
  entry: LockedPackage,
  source: Extract<Source, { readonly type: 'git' | 'tarball' | 'file' }>,
  spec: Specifier,
  dependent: Dependent,
): Objection | undefined {
  const found = describe(entry);
  switch (spec.type) {
    case 'range':
    case 'tag':
    case 'jsr':
    case 'runtime':
      return { code: 'non-registry-source', found };
    case 'workspace':
      return { code: 'edge-forged', found };
    case 'git':
      return isSameRepository(source, spec) ? undefined : { code: 'edge-forged', found };
    case 'url':
      return source.type !== 'file' && isSameAddress(source, spec.url) ? undefined : { code: 'edge-forged', found };
    case 'local':
      return source.type === 'file' && isSamePath(source.path, spec.path, dependent)
        ? undefined
        : { code: 'edge-forged', found };
    case 'catalog':
    case 'patch':
    case 'unknown':
      return { code: 'edge-unsatisfied', found, detail: 'The specifier is of no form that lockseal knows.' };
  }
}

function isSameRepository(
  source: Extract<Source, { readonly type: 'git' | 'tarball' | 'file' }>,
  spec: Extract<Specifier, { readonly type: 'git' }>,
): boolean {
  if (source.type === 'file') return false;
  const locked = repositoryKey(source.type === 'git' ? source.repository : source.url);
  if (locked === undefined || locked !== repositoryKey(spec.repository)) return false;
  const commit = /^(?:commit=)?([0-9a-f]{40}|[0-9a-f]{64})$/.exec(spec.committish ?? '')?.[1];
  if (commit === undefined) return true;
  return source.type === 'git' ? source.commit === commit : source.url.includes(commit);
}

function isSameAddress(source: Extract<Source, { readonly type: 'git' | 'tarball' }>, url: string): boolean {
  const address = (text: string): string => text.replace(/#.*$/s, '');
  if (source.type === 'tarball') return address(source.url) === address(url);
  return repositoryKey(source.repository) === repositoryKey(url);
}
