/** Template helpers that read a database. Template engines call helpers synchronously; these wait for their rows. */
import ejs from 'ejs';
import { wait } from 'greenlets';
import Handlebars from 'handlebars';
import type Database from 'libsql/promise';

/** The database works on threads of its own; every call gives a promise. */
function priceOf(database: Database, product: string): number {
  const statement = wait(database.prepare('SELECT price FROM products WHERE name = ?'));
  return wait(statement.get(product)).price;
}

export function renderHandlebars(template: string, products: string[], database: Database): string {
  const handlebars = Handlebars.create();
  handlebars.registerHelper('price', (product: string) => priceOf(database, product));
  return handlebars.compile(template)({ products });
}

export function renderEjs(template: string, products: string[], database: Database): string {
  return ejs.render(template, { products, price: (product: string) => priceOf(database, product) });
}
