export {};
export { loadProject } from './project/load-project.ts';
export type { DirectoryItem, ProjectFiles } from './project/project-files.ts';
export { bindProject } from './graph/bind-project.ts';
export { dependencyPaths } from './graph/dependency-paths.ts';
