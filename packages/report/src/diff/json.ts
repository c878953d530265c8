import type {
  CodeDelta,
  PackageChange,
  SideFacts,
  StateSummary,
  TarballDelta,
  TarballFile,
  TrustDiff,
} from '@lockseal/core';
import { jsonText, type JsonInput } from '../json/text.ts';
import type { DiffReport } from './model.ts';

/** Names the shape; schema/diff-v1.json defines it. A change that could break a reader gets a new name. */
const DIFF_SCHEMA = 'https://lockseal.dev/schema/diff/v1';

/** The comparison for programs. Same report, same bytes; texts are untrusted and unchanged. */
export function renderDiffJson({ tool, diff, verdict, failOn, warnings, durationMs }: DiffReport): string {
  const document: JsonInput = {
    schema: DIFF_SCHEMA,
    tool: { name: tool.name, version: tool.version },
    verdict,
    failOn,
    comparedAt: diff.comparedAt,
    durationMs: Math.round(durationMs),
    before: stateJson(diff.before),
    after: stateJson(diff.after),
    counts: countsJson(diff),
    warnings,
    changes: diff.changes.map(changeJson),
    quiet: diff.quiet.map(changeJson),
    removed: diff.removed.map(changeJson),
    byDesign: diff.byDesign.map(({ reason, packages }) => ({ reason, packages })),
  };
  return jsonText(document, 2);
}

function stateJson({ origin, format, packages }: StateSummary): JsonInput {
  return { origin, format, packages };
}

function countsJson({ changes, quiet, removed, unchanged }: TrustDiff): JsonInput {
  return { changes: changes.length, quiet: quiet.length, removed: removed.length, unchanged };
}

function changeJson(change: PackageChange): JsonInput {
  const { kind, name, signs, before, after, path, brings, scripts, tarball, code } = change;
  return {
    kind,
    name,
    signs: signs.map((sign) => ({ sign: sign.sign, before: sign.before, after: sign.after })),
    before: before && sideJson(before),
    after: after && sideJson(after),
    path,
    brings,
    scripts: scripts.map((script) => ({ name: script.name, before: script.before, after: script.after })),
    tarball: tarball && tarballJson(tarball),
    code: code && codeJson(code),
  };
}

function sideJson(side: SideFacts): JsonInput {
  const { spec, version, source, grade, reason, builder, publisher, publishedAt, firstPublishedAt, deprecated } = side;
  const { installScripts, contents, position, undecided } = side;
  return {
    spec,
    version,
    source,
    grade,
    reason,
    builder: builder && builderJson(builder),
    publisher,
    publishedAt,
    firstPublishedAt,
    deprecated,
    installScripts: installScripts && { proof: installScripts.proof, names: installScripts.names },
    contents: contents && { files: contents.files, unpackedSize: contents.unpackedSize, size: contents.size },
    position: position && { line: position.line, column: position.column },
    undecided: undecided && { check: undecided.check, error: undecided.error, reason: undecided.reason },
  };
}

function builderJson(builder: NonNullable<SideFacts['builder']>): JsonInput {
  const { issuer, repository, repositoryId, ownerId, workflow, ref, trigger, runnerEnvironment } = builder;
  return { issuer, repository, repositoryId, ownerId, workflow, ref, trigger, runnerEnvironment };
}

function tarballJson(delta: TarballDelta): JsonInput {
  if (delta.status === 'unknown') return { status: delta.status, reason: delta.reason };
  return {
    status: delta.status,
    added: delta.added.map(fileJson),
    removed: delta.removed.map(({ path }) => path),
    changed: delta.changed.map(({ after }) => fileJson(after)),
    unchanged: delta.unchanged,
    newScripts: delta.newScripts,
    newBindingGyp: delta.newBindingGyp,
    newExecutables: delta.newExecutables.map(({ path }) => path),
    programs: delta.programs.map(({ path }) => path),
    strangers: delta.strangers.map(({ file, because }) => ({ path: file.path, because })),
    size: { before: sizeJson(delta.size.before), after: sizeJson(delta.size.after) },
  };
}

function sizeJson({ files, unpackedSize }: { readonly files: number; readonly unpackedSize: number }): JsonInput {
  return { files, unpackedSize };
}

function fileJson({ path, size, sha256, executable, program }: TarballFile): JsonInput {
  return { path, size, sha256, executable, program };
}

function codeJson(delta: CodeDelta): JsonInput {
  if (delta.status === 'unknown') return { status: delta.status, reason: delta.reason };
  return {
    status: delta.status,
    newModules: delta.newModules.map(({ module, paths }) => ({ module, paths })),
    obscured: delta.obscured.map(({ path, longestLine }) => ({ path, longestLine })),
    unparsed: delta.unparsed.map(({ path, unparsed }) => ({ path, reason: unparsed })),
  };
}
