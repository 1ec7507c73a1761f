/** Makes elements. Whatever people write becomes text, never HTML. */

const GROUPED_FOR = 5 * 60_000;
const LINK = /(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)])/;
const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

/** An element with a class and children: elements, or text. */
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...children);
  return element;
}

/** A disc in the person's colour. */
export function avatar(name) {
  const disc = make('span', 'avatar', [...name][0].toUpperCase());
  disc.setAttribute('aria-hidden', 'true');
  return coloured(disc, name);
}

/** A button in a list, with the number of unread messages. */
export function entry({ label, picture, unread = 0, current = false, onClick }) {
  const button = make('button', current ? 'entry current' : 'entry', picture, make('span', 'label', label));
  if (unread > 0) button.append(make('span', 'badge', String(unread)));
  button.addEventListener('click', onClick);
  return make('li', '', button);
}

/** The rows of a conversation: messages, with the days between them. */
export function rows(conversation, me) {
  const elements = [];
  let before = null;
  for (const message of conversation.messages) {
    const newDay = before === null || day.format(before.at) !== day.format(message.at);
    if (newDay) elements.push(make('li', 'day', make('span', '', day.format(message.at))));
    elements.push(
      message.note === undefined ? row(message, newDay ? null : before, me) : make('li', 'note', message.note),
    );
    before = message;
  }
  return elements;
}

function row(message, before, me) {
  const { from, text, at, id, failed } = message;
  const follows = before !== null && before.from === from && at - before.at < GROUPED_FOR;
  const bubble = make('div', 'bubble', ...linked(text));
  const stamp = make('time', '', failed ?? (id === undefined ? 'sending …' : time.format(at)));
  stamp.dateTime = new Date(at).toISOString();
  const body = make('div', 'body', bubble, stamp);
  if (!follows && from !== me) body.prepend(coloured(make('span', 'author', from), from));
  const classes = [
    'message',
    from === me && 'mine',
    follows && 'follows',
    id === undefined && 'pending',
    failed && 'failed',
  ];
  return make('li', classes.filter(Boolean).join(' '), from === me ? '' : avatar(from), body);
}

function linked(text) {
  return text.split(LINK).map((part, i) => {
    if (i % 2 === 0) return part;
    const link = make('a', '', part);
    Object.assign(link, { href: part, target: '_blank', rel: 'noopener noreferrer' });
    return link;
  });
}

function coloured(element, name) {
  let hash = 0;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)) % 100_003;
  element.style.setProperty('--hue', Math.round(hash * 137.5) % 360); // the golden angle keeps similar names apart
  return element;
}
