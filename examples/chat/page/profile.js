/** Who sits here, as this browser remembers it. */
import { randomId } from './random.js';

class Profile {
  get name() {
    return localStorage.getItem('name') ?? '';
  }
  set name(name) {
    localStorage.setItem('name', name);
  }

  /** Nobody else knows it: it proves that this is the person with the name. */
  get key() {
    const key = localStorage.getItem('key') ?? randomId();
    localStorage.setItem('key', key);
    return key;
  }

  get rooms() {
    return JSON.parse(localStorage.getItem('rooms') ?? '["lobby"]');
  }
  set rooms(rooms) {
    localStorage.setItem('rooms', JSON.stringify(rooms));
  }
}

export const profile = new Profile();
