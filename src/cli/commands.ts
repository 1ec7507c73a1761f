/** What the command does besides running programs. */
interface Command {
  /** One line for `greenlets --help`. */
  summary: string;
  /** What runs it, with the arguments after its name; the number it gives is the exit code. */
  load(): Promise<(args: string[]) => Promise<number>>;
}

export const COMMANDS: Record<string, Command> = {
  doctor: {
    summary: 'can this Node run greenlets, how many fit, and why not',
    load: async () => (await import('./doctor/doctor.ts')).doctor,
  },
  ps: {
    summary: 'list the greenlets of a running process (one started with --inspect-greenlets)',
    load: async () => (await import('./remote/ps.ts')).ps,
  },
  top: {
    summary: 'watch which of its greenlets use the CPU',
    load: async () => (await import('./remote/top.ts')).top,
  },
  dump: {
    summary: 'print the stacks of all its greenlets',
    load: async () => (await import('./remote/dump.ts')).dump,
  },
  build: {
    summary: 'build the engine from source, for a Node that no binary is shipped for',
    load: async () => (await import('./build.ts')).build,
  },
};
