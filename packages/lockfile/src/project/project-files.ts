/**
 * The files of a repository, as far as `loadProject` asks for them. Paths are POSIX and begin with the lockfile's
 * directory as it was given; what follows is in normal form and never leads out of it.
 *
 * Whoever implements it must not follow a symbolic link out of that directory: answer as if nothing were there.
 */
export interface ProjectFiles {
  /** The bytes of a file; undefined: there is no such file. Whatever else goes wrong is thrown. */
  read(path: string): Promise<Uint8Array | undefined>;
  /**
   * What a directory holds, in any order; undefined: there is no such directory.
   * @param named whoever asks looks at what is called so, and at nothing else
   */
  list(path: string, named?: RegExp): Promise<readonly DirectoryItem[] | undefined>;
}

export interface DirectoryItem {
  readonly name: string;
  readonly type: 'file' | 'directory' | 'other';
}
