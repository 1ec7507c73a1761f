/** Starting the servers of the examples. */

interface ListenError extends NodeJS.ErrnoException {
  address?: string;
  port?: number;
}

/**
 * Calls `start`, which makes a server listen. If it cannot, as when its port is taken, the process ends with a line that
 * says why.
 *
 * @param another what the user does to take another port.
 */
export function startOrExit(start: () => void, another: string): void {
  try {
    start();
  } catch (error) {
    const { code, syscall, message, address, port } = error as ListenError;
    if (syscall !== 'listen') throw error;
    console.error(code === 'EADDRINUSE' ? `port ${port} of ${address} is taken; for another one: ${another}` : message);
    process.exit(1);
  }
}
