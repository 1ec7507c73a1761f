/** Two thumbs: the left one flies, the right one aims and shoots. A stick stands where its thumb came down. */
const REACH = 60;

class Stick {
  x = 0;
  y = 0;
  #pointer = null;
  #origin = { x: 0, y: 0 };
  #element;

  constructor(element) {
    this.#element = element;
  }

  get held() {
    return this.#pointer !== null;
  }

  begin({ pointerId, clientX, clientY }) {
    if (this.held) return;
    this.#pointer = pointerId;
    this.#origin = { x: clientX, y: clientY };
    Object.assign(this.#element.style, { left: `${clientX}px`, top: `${clientY}px` });
    this.#element.classList.add('held');
    this.#set(0, 0);
  }

  move({ pointerId, clientX, clientY }) {
    if (pointerId !== this.#pointer) return;
    const x = (clientX - this.#origin.x) / REACH;
    const y = (clientY - this.#origin.y) / REACH;
    const length = Math.max(1, Math.hypot(x, y));
    this.#set(x / length, y / length);
  }

  end({ pointerId }) {
    if (pointerId !== this.#pointer) return;
    this.#pointer = null;
    this.#element.classList.remove('held');
    this.#set(0, 0);
  }

  #set(x, y) {
    this.x = x;
    this.y = y;
    this.#element.firstElementChild.style.transform = `translate(${x * REACH}px, ${y * REACH}px)`;
  }
}

export class Touch {
  #left = new Stick(document.querySelector('.stick[data-side="left"]'));
  #right = new Stick(document.querySelector('.stick[data-side="right"]'));
  #aim = 0;
  #dash = false;

  constructor(canvas) {
    const sticks = [this.#left, this.#right];
    canvas.addEventListener('pointerdown', (event) => {
      if (event.pointerType !== 'mouse') sticks[event.clientX < innerWidth / 2 ? 0 : 1].begin(event);
    });
    addEventListener('pointermove', (event) => sticks.forEach((stick) => stick.move(event)));
    for (const end of ['pointerup', 'pointercancel']) {
      addEventListener(end, (event) => sticks.forEach((stick) => stick.end(event)));
    }
    const button = document.querySelector('#touch-dash');
    button.addEventListener('pointerdown', () => (this.#dash = true));
    for (const end of ['pointerup', 'pointercancel']) addEventListener(end, () => (this.#dash = false));
  }

  /** Null while no thumb is down. */
  read() {
    if (!this.#left.held && !this.#right.held && !this.#dash) return null;
    const aimed = Math.hypot(this.#right.x, this.#right.y) > 0.25;
    if (aimed) this.#aim = Math.atan2(this.#right.y, this.#right.x);
    else if (this.#left.held) this.#aim = Math.atan2(this.#left.y, this.#left.x);
    return { moveX: this.#left.x, moveY: this.#left.y, aim: this.#aim, fire: aimed, dash: this.#dash };
  }
}
