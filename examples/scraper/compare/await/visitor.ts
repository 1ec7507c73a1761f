/** What is done with one page. */
import { DownloadError } from '../../answer.ts';
import { emptyRecord, type Target, type Visit } from '../../record.ts';
import type { Store } from '../../store.ts';
import { failed, judge, skipped } from '../../verdict.ts';
import type { Host } from './host.ts';
import { withRetries } from './retry.ts';

export async function visit(target: Target, host: Host, store: Store, retries: number): Promise<Visit> {
  const record = emptyRecord(target);
  try {
    const robots = await host.robots();
    if (!robots.allows(target.url)) return skipped(record, 'robots.txt');
    const earlier = store.earlier(target.url);
    const download = await withRetries(retries, () => {
      record.attempts++;
      return host.get(target.url, earlier === null ? {} : { validators: earlier.validators });
    });
    return judge(target, record, download, earlier);
  } catch (error) {
    if (error instanceof DownloadError) return failed(record, error.kind, error.message);
    return failed(record, 'unreadable page', String(error));
  }
}
