import { Pool, toSync } from 'greenlets';
import Database from 'libsql/promise';

/** The methods of a database driver that return promises, blocking. */
const db = toSync(new Database(':memory:', {}));

db.exec('CREATE TABLE visits (page TEXT, seconds INTEGER)');

function record(seconds: number): void {
  db.exec(`INSERT INTO visits VALUES ('/home', ${seconds})`);
}

new Pool(5).map(record, [1, 2, 3, 4]);
const total = toSync(db.prepare('SELECT sum(seconds) AS total FROM visits'));
console.log(total.get());
