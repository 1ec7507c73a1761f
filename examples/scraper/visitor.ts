/** What one greenlet does with its page. */
import { GreenletExit } from 'greenlets';
import { DownloadError } from './answer.ts';
import type { Host } from './host.ts';
import { emptyRecord, type Target, type Visit } from './record.ts';
import { withRetries } from './retry.ts';
import type { Store } from './store.ts';
import { failed, judge, skipped } from './verdict.ts';

/** Visits a page, from robots.txt to its links. Whatever is wrong with it ends up in its record. */
export function visit(target: Target, host: Host, store: Store, retries: number): Visit {
  const record = emptyRecord(target);
  try {
    if (!host.robots().allows(target.url)) return skipped(record, 'robots.txt');
    const earlier = store.earlier(target.url);
    const download = withRetries(retries, () => {
      record.attempts++;
      return host.get(target.url, earlier === null ? {} : { validators: earlier.validators });
    });
    return judge(target, record, download, earlier);
  } catch (error) {
    if (error instanceof GreenletExit) throw error;
    if (error instanceof DownloadError) return failed(record, error.kind, error.message);
    return failed(record, 'unreadable page', String(error));
  }
}
