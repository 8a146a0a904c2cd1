/** Which files go into a run's workspace. */
export interface WorkspaceSource {
  /** Absolute path of the folder. */
  readonly dir: string;
  /** Patterns that go in although a rule leaves them out, such as `.env.test`. */
  readonly include: readonly string[];
  /** Patterns that stay out besides `.gitignore`, `.pdignore` and what is always left out. */
  readonly ignore: readonly string[];
}

/** How far packing has come. */
export interface PackProgress {
  readonly files: number;
  readonly bytes: number;
}
