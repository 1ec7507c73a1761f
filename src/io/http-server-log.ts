/** One served request, as the access log tells of it. */
export interface AccessLogEntry {
  /** When the request had come. */
  time: Date;
  /** The client's IP address; '' for a Unix socket. */
  remoteAddress: string;
  method: string;
  url: string;
  httpVersion: string;
  /** The response's status; 499 if the client left before it got one. */
  status: number;
  /** Bytes of the response's body. */
  bytes: number;
  /** From the request to the end of the response, in ms. */
  duration: number;
}

/** Told of each request when it has been served. */
export type AccessLog = (entry: AccessLogEntry) => void;

/** Writes a line in the Common Log Format, with the duration, to stdout. */
export function logToStdout(entry: AccessLogEntry): void {
  const { time, remoteAddress, method, url, httpVersion, status, bytes, duration } = entry;
  const request = JSON.stringify(`${method} ${url} HTTP/${httpVersion}`);
  process.stdout.write(
    `${remoteAddress || '-'} - - [${formatTime(time)}] ${request} ${status} ${bytes} ${duration.toFixed(1)}ms\n`,
  );
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** As `10/Oct/2000:13:55:36 +0000`. */
function formatTime(time: Date): string {
  const [date = '', clock = ''] = time.toISOString().split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${clock.slice(0, 8)} +0000`;
}
