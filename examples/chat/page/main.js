/** The page: what the server tells goes into the conversations, and these are shown. */
import { Connection } from './connection.js';
import { Conversations, INBOX } from './conversations.js';
import { Outgoing } from './outgoing.js';
import { profile } from './profile.js';
import { avatar, entry, make, rows } from './view.js';

const TYPING_EVERY = 2000;
const TYPING_SHOWN = 3500;

const at = (id) => document.getElementById(id);
const conversations = new Conversations();
const outgoing = new Outgoing();
let current = conversations.at(profile.rooms[0]);
let known = [];
let online = false;
let typedAt = 0;

const connection = new Connection({
  open: () => (profile.name === '' ? at('hello').showModal() : hello()),
  event: (event) => (handlers[event.type](event), show()),
  lost: () => ((online = false), show()),
});

function hello() {
  connection.send({ type: 'hello', name: profile.name, key: profile.key, after: conversations.stream(INBOX).last });
}

const handlers = {
  welcome({ name, rooms }) {
    online = true;
    known = rooms;
    profile.name = name;
    at('app').inert = false;
    for (const room of profile.rooms) join(room);
    for (const request of outgoing) connection.send(request);
  },

  joined({ room, people }) {
    if (room !== INBOX) conversations.at(room).people = new Set(people);
  },

  history({ room, messages, more }) {
    const stream = conversations.stream(room);
    const older = stream.last === undefined || messages.at(-1)?.id < stream.first;
    for (const message of messages) receive(room, message, older);
    if (older) stream.more = more;
    else if (more) connection.send({ type: 'history', room, after: messages.at(-1).id });
  },

  message({ room, message }) {
    receive(room, message, false);
  },

  people({ room, joined, left }) {
    const { people } = conversations.at(room);
    for (const name of joined) people.add(name);
    for (const name of left) people.delete(name);
  },

  typing({ room, name }) {
    if (name === profile.name) return;
    conversations.at(room === INBOX ? INBOX + name : room).typing.set(name, Date.now() + TYPING_SHOWN);
    setTimeout(show, TYPING_SHOWN);
  },

  /** What the server skipped is in its history, behind the last message that came. */
  skipped({ count }) {
    for (const room of [INBOX, ...profile.rooms]) {
      connection.send({ type: 'history', room, after: conversations.stream(room).last ?? 0 });
    }
    current.note(`The connection was too slow for ${count} events; what was said meanwhile has been fetched.`);
  },

  error({ text, ref }) {
    if (!online) return askName(text);
    const failed = outgoing.fail(ref);
    if (failed === null) current.note(text);
    else conversations.at(failed.to).messages.find((message) => message.ref === ref).failed = text;
  },
};

function receive(room, message, isOld) {
  outgoing.confirm(message.ref);
  const conversation = conversations.file(room, message, profile.name);
  if (conversation === null || isOld || message.from === profile.name) return;
  if (conversation !== current || document.hidden) conversation.unread++;
}

function join(room) {
  connection.send({ type: 'join', room, after: conversations.stream(room).last });
}

function askName(text) {
  at('hello-error').textContent = text;
  if (!at('hello').open) at('hello').showModal();
}

function say(text) {
  const request = outgoing.add(current.key, text);
  current.messages.push({ from: profile.name, text, at: Date.now(), ref: request.ref });
  if (online) connection.send(request);
  typedAt = 0;
  at('messages').scrollTop = at('messages').scrollHeight;
  show();
}

function go(key) {
  current = conversations.at(key);
  current.unread = 0;
  document.body.classList.remove('with-places', 'with-people');
  show();
  at('messages').scrollTop = at('messages').scrollHeight;
  if (matchMedia('(hover: hover)').matches) at('text').focus();
}

function joinRoom(room) {
  if (!profile.rooms.includes(room)) {
    profile.rooms = [...profile.rooms, room];
    join(room);
  }
  go(room);
}

function leaveRoom() {
  const { key, isPrivate } = current;
  if (!isPrivate) {
    connection.send({ type: 'leave', room: key });
    profile.rooms = profile.rooms.filter((room) => room !== key);
  }
  conversations.forget(key);
  go(profile.rooms[0] ?? 'lobby');
}

function fetchOlder() {
  const { stream } = current;
  if (!stream.more || at('messages').scrollTop > 80) return;
  stream.more = false; // until the answer says so again
  connection.send({ type: 'history', room: current.isPrivate ? INBOX : current.key, before: stream.first });
}

let due = false;
function show() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    render();
  });
}

function render() {
  const list = at('messages');
  const fromEnd = list.scrollHeight - list.scrollTop;
  const atEnd = fromEnd - list.clientHeight < 60;
  if (!document.hidden) current.unread = 0;
  list.replaceChildren(...rows(current, profile.name));
  list.scrollTop = list.scrollHeight - (atEnd ? 0 : fromEnd);

  at('title').textContent = current.isPrivate ? current.title : `# ${current.title}`;
  at('subtitle').textContent = current.isPrivate ? 'only the two of you' : countOf(current.people.size);
  at('leave').hidden = !current.isPrivate && profile.rooms.length === 1;
  at('leave').textContent = current.isPrivate ? 'Close' : 'Leave';
  at('show-people').hidden = current.isPrivate;
  at('people').hidden = current.isPrivate;
  at('banner').hidden = online || profile.name === '';
  at('banner').textContent = 'Connection lost. What you write is sent once it is back.';
  at('text').placeholder = current.isPrivate ? `Message to ${current.title}` : `Message to #${current.title}`;
  at('typing').textContent = typists();
  renderLists();
  document.title = conversations.unread > 0 ? `(${conversations.unread}) Chat` : 'Chat';
}

function renderLists() {
  const place = (conversation, picture) =>
    entry({
      label: conversation.title,
      picture,
      unread: conversation.unread,
      current: conversation === current,
      onClick: () => go(conversation.key),
    });
  const rooms = profile.rooms.map((room) => conversations.at(room));
  at('rooms').replaceChildren(...rooms.map((room) => place(room, make('span', 'hash', '#'))));
  at('private').replaceChildren(...conversations.private.map((one) => place(one, avatar(one.title))));
  at('known-rooms').replaceChildren(
    ...known.map(({ name, people }) => Object.assign(make('option', ''), { value: name, label: countOf(people) })),
  );
  const here = [...current.people].sort((a, b) => a.localeCompare(b));
  at('here').replaceChildren(
    ...here.map((name) => entry({ label: name, picture: avatar(name), onClick: () => go(INBOX + name) })),
  );
  if (profile.name !== '') at('me').replaceChildren(avatar(profile.name), make('span', 'label', profile.name));
}

function typists() {
  const now = Date.now();
  const names = [...current.typing].filter(([, until]) => until > now).map(([name]) => name);
  if (names.length === 0) return '';
  return names.length > 3
    ? 'Several people are typing …'
    : `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} typing …`;
}

function countOf(people) {
  return people === 1 ? '1 person' : `${people} people`;
}

function submit() {
  const text = at('text').value.trim();
  at('text').value = '';
  fitText();
  if (text !== '') say(text);
}

function fitText() {
  at('text').style.height = 'auto';
  at('text').style.height = `${at('text').scrollHeight}px`;
}

at('text').addEventListener('input', () => {
  fitText();
  if (!online || Date.now() - typedAt < TYPING_EVERY) return;
  typedAt = Date.now();
  connection.send({ type: 'typing', to: current.key });
});
at('text').addEventListener('keydown', (event) => {
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  submit();
});
at('composer').addEventListener('submit', (event) => (event.preventDefault(), submit()));
at('join').addEventListener('submit', (event) => {
  event.preventDefault();
  const room = at('room').value.trim().replace(/^#/, '');
  at('room').value = '';
  if (room !== '') joinRoom(room);
});
at('hello-form').addEventListener('submit', () => {
  profile.name = at('name').value.trim();
  hello();
});
at('hello').addEventListener('cancel', (event) => event.preventDefault());
at('messages').addEventListener('scroll', fetchOlder);
at('leave').addEventListener('click', leaveRoom);
at('show-places').addEventListener('click', () => document.body.classList.toggle('with-places'));
at('show-people').addEventListener('click', () => document.body.classList.toggle('with-people'));
at('veil').addEventListener('click', () => document.body.classList.remove('with-places', 'with-people'));
document.addEventListener('visibilitychange', show);
show();
