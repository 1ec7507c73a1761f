/** The site of a comparison, in a process of its own. Says where it is, and ends with its parent. */
import { TrialSite } from '../trial/site.ts';

const site = new TrialSite(Number(process.argv[2]), { faults: false });
process.send?.(site.origin);
process.on('disconnect', () => process.exit());
