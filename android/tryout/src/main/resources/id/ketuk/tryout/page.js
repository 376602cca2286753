// Shows the phone's pictures, and sends back what fingers, keys and switches do.
'use strict';

const WORDS = {
  id: {
    title: 'HP untuk dicoba', tongue: 'English', skip: 'Langsung ke sakelar', phone: 'HP kader',
    what: 'Untuk dicoba, bukan emulator: aplikasi kader yang asli dengan server asli, di komputer ini. Ketuk, geser, ketik; semua keluarga karangan.',
    keys: 'Papan ketik HP: yang diketik di sini masuk ke isian yang dipilih',
    back: 'Kembali', aside: 'Layar awal HP', type: 'Papan ketik',
    gone: 'Aplikasi sudah mati. Semua yang ada di memori hilang.', recents: 'Kembali dari aplikasi terakhir',
    icon: 'atau mulai lagi dari ikonnya', again: 'Aplikasi ada di latar belakang. Buka lagi dari ikonnya.',
    around: 'HP dan sekitarnya', signal: 'Sinyal', on: 'Ada', slow: 'Lambat', off: 'Tidak ada',
    language: 'Bahasa HP', light: 'Tampilan', day: 'Terang', night: 'Gelap', letters: 'Ukuran huruf',
    turn: 'Putar HP', kill: 'Matikan aplikasi',
    office: 'Kantor', look: 'Buka halaman kantor ↗', name: 'Nama', password: 'Kata sandi',
    ten: 'Sepuluh menit sebagai kader',
    step1: 'Ketuk Daftarkan: kode dan alamat server sudah terisi.',
    step2: 'Buka halaman kantor di tab sebelah, lalu data satu keluarga di HP.',
    step3: 'Hilangkan sinyal, dan data keluarga berikutnya. Tidak ada yang hilang.',
    step4: 'Matikan aplikasi di tengah isian, lalu kembali: isiannya masih di sana.',
    step5: 'Kembalikan sinyal, kirim, dan lihat halaman kantor bergerak.',
    not: 'Aplikasi berjalan di atas kerangka Android yang asli, tanpa perangkatnya: tanpa kamera, tanpa lokasi, tanpa aplikasi lain.',
    speed: (ms) => `Gambar setelah ketukan: ${ms} ms.`,
    lacks: 'Aplikasi meminta sesuatu yang tidak ada di sini (kamera, berkas, lokasi, aplikasi lain). Di HP yang sebenarnya ada.',
    lost: 'HP ini sudah dihentikan. Mulai lagi: cargo xtask demo --phone',
  },
  en: {
    title: 'A phone to try', tongue: 'Bahasa Indonesia', skip: 'To the switches', phone: 'The cadre’s phone',
    what: 'A try-out and no emulator: the cadre’s real app with a real server, on this computer. Tap, drag, type; every family is made up.',
    keys: 'The phone’s keyboard: what is typed here goes to the chosen field',
    back: 'Back', aside: 'The phone’s home screen', type: 'Keyboard',
    gone: 'The app was killed. Everything in memory is gone.', recents: 'Come back from the recent apps',
    icon: 'or start it again from its icon', again: 'The app is in the background. Take it up again from its icon.',
    around: 'The phone and its surroundings', signal: 'Signal', on: 'On', slow: 'Slow', off: 'None',
    language: 'The phone’s language', light: 'Look', day: 'Light', night: 'Dark', letters: 'Text size',
    turn: 'Turn the phone', kill: 'Kill the app',
    office: 'The office', look: 'Open the office’s page ↗', name: 'Name', password: 'Password',
    ten: 'Ten minutes as a cadre',
    step1: 'Tap Daftarkan (Enrol): the code and the server’s address are filled in.',
    step2: 'Open the office’s page in the next tab, then record a family on the phone.',
    step3: 'Take the signal away and record the next family. Nothing is lost.',
    step4: 'Kill the app in the middle of a form, and come back: the answers are still there.',
    step5: 'Bring the signal back, send, and watch the office’s page move.',
    not: 'The app runs on Android’s real framework without a device: no camera, no position, no other apps.',
    speed: (ms) => `Picture after a tap: ${ms} ms.`,
    lacks: 'The app asked for something that isn’t here (camera, files, position, another app). A real phone has it.',
    lost: 'This phone was stopped. Start it again: cargo xtask demo --phone',
  },
};

const $ = (id) => document.getElementById(id);
const canvas = $('screen');
const paint = canvas.getContext('2d');
const keys = $('keys');
let words = WORDS.id;
let state = { app: 'OPEN' };
let stopped = false;

// ---- The page's own language: the browser's, or the one that was chosen here.

function speak(tongue) {
  words = WORDS[tongue];
  document.documentElement.lang = tongue;
  document.title = `Ketuk: ${words.title}`;
  for (const element of document.querySelectorAll('[data-t]')) element.textContent = words[element.dataset.t];
  for (const element of document.querySelectorAll('[data-t-label]')) {
    element.setAttribute('aria-label', words[element.dataset.tLabel]);
    element.title = words[element.dataset.tLabel];
  }
  $('tongue').lang = tongue === 'id' ? 'en' : 'id';
  show();
  tellSpeed();
}

$('tongue').onclick = () => {
  const other = document.documentElement.lang === 'id' ? 'en' : 'id';
  localStorage.setItem('tongue', other);
  speak(other);
};

// ---- To the phone: one request at a time, so that nothing overtakes; what comes meanwhile goes with the next.

const taps = new Map();
let waiting = [];
let tappedAt = null;
let number = 0;
let busy = false;

function send(action, tapped = null) {
  waiting.push(action);
  tappedAt = tapped ?? tappedAt;
  if (!busy) flush();
}

async function flush() {
  busy = true;
  while (waiting.length > 0) {
    const actions = waiting;
    waiting = [];
    number += 1;
    if (tappedAt !== null) taps.set(number, { at: tappedAt, first: false });
    tappedAt = null;
    try {
      await fetch('/do', { method: 'POST', body: JSON.stringify({ number, actions }) });
    } catch {
      break; // It was stopped; the events say so.
    }
  }
  busy = false;
}

// ---- Fingers and wheel.

function place(event) {
  const glass = canvas.getBoundingClientRect();
  const scale = canvas.width / glass.width;
  return { x: (event.clientX - glass.left) * scale, y: (event.clientY - glass.top) * scale };
}

function touch(what, event) {
  send({ touch: what, ...place(event), at: Math.round(event.timeStamp) }, what === 'up' ? performance.now() : null);
}

let finger = null;
canvas.onpointerdown = (event) => {
  if (finger !== null || event.button !== 0) return;
  event.preventDefault();
  finger = event.pointerId;
  canvas.setPointerCapture(finger);
  keys.focus({ preventScroll: true });
  touch('down', event);
};
canvas.onpointermove = (event) => {
  if (event.pointerId === finger) touch('move', event);
};
for (const [name, what] of [['pointerup', 'up'], ['pointercancel', 'cancel']]) {
  canvas.addEventListener(name, (event) => {
    if (event.pointerId !== finger) return;
    finger = null;
    touch(what, event);
  });
}
canvas.oncontextmenu = (event) => event.preventDefault();
canvas.addEventListener('wheel', (event) => {
  event.preventDefault();
  send({ wheel: -event.deltaY / (event.deltaMode === 0 ? 100 : 3), ...place(event) });
}, { passive: false });

function tapAt(box) {
  const [x, y, at] = [box.x + box.width / 2, box.y + box.height / 2, Math.round(performance.now())];
  send({ touch: 'down', x, y, at });
  send({ touch: 'up', x, y, at: at + 50 }, performance.now());
}

// ---- Keys: the computer's keyboard is the phone's. Tab stays the browser's, so that nobody is caught here.

const SPECIAL = ['Enter', 'Backspace', 'Delete', 'ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'PageUp', 'PageDown', 'Home', 'End'];

keys.onkeydown = (event) => {
  if (event.isComposing) return;
  const key = event.key === 'Escape' ? 'Back' : event.key;
  if (key !== 'Back' && !SPECIAL.includes(key)) return;
  event.preventDefault();
  send({ key });
};
keys.oninput = (event) => {
  if (event.isComposing) return;
  if (event.inputType === 'deleteContentBackward') send({ key: 'Backspace' });
  if (keys.value !== '') send({ type: keys.value });
  keys.value = '';
};
keys.addEventListener('compositionend', () => {
  if (keys.value !== '') send({ type: keys.value });
  keys.value = '';
});

// ---- Switches.

for (const name of ['signal', 'language', 'dark', 'letters']) {
  for (const part of document.getElementsByName(name)) {
    part.onchange = () => {
      const value = { dark: part.value === 'true', letters: Number(part.value) }[name] ?? part.value;
      send({ [name]: value });
    };
  }
}
$('turn').onclick = () => send({ turn: true });
$('kill').onclick = () => send({ kill: true });
$('back').onclick = () => send({ key: 'Back' });
$('aside').onclick = () => send({ aside: true });
$('type').onclick = () => keys.focus();
$('recents').onclick = () => send({ open: 'recents' });
$('icon').onclick = () => send({ open: 'icon' });

// ---- From the phone.

function show() {
  const open = state.app === 'OPEN' && !stopped;
  document.documentElement.dataset.app = state.app;
  $('home').hidden = open;
  $('recents').hidden = $('icon-note').hidden = state.app !== 'KILLED' || stopped;
  $('icon').hidden = stopped;
  $('gone').textContent = stopped ? words.lost : state.app === 'KILLED' ? words.gone : words.again;
  $('words').hidden = !open;
  for (const id of ['turn', 'kill', 'back', 'aside']) $(id).disabled = !open;
  for (const name of ['language', 'dark', 'letters']) {
    for (const part of document.getElementsByName(name)) part.disabled = !open;
  }
  for (const part of document.getElementsByName('signal')) part.disabled = stopped;
  for (const name of ['signal', 'language', 'dark', 'letters']) {
    if (state[name] === undefined) continue;
    for (const part of document.getElementsByName(name)) part.checked = part.value === String(state[name]);
  }
  keys.inputMode = state.typing ?? 'none';
  $('type').hidden = state.typing === undefined || !matchMedia('(pointer: coarse)').matches;
  $('lacks').textContent = state.lacks ? words.lacks : '';
}

async function seen(news) {
  if (news.png) {
    const picture = new Image();
    picture.src = `data:image/png;base64,${news.png}`;
    await picture.decode();
    if (canvas.width !== news.width || canvas.height !== news.height) {
      [canvas.width, canvas.height] = [news.width, news.height];
      $('phone').classList.toggle('wide', news.width > news.height);
    }
    paint.drawImage(picture, 0, news.top);
  }
  if (news.words) say(news.words);
  measure(news);
}

/** The words on the screen, for whoever doesn't see it or has no pointer: each is a button where it stands. */
function say(said) {
  const chosen = document.activeElement?.closest('.words button')?.textContent;
  $('words').replaceChildren(...said.map((word) => {
    const item = document.createElement('li');
    const button = document.createElement('button');
    button.textContent = word.said;
    const part = (of, all) => `${(100 * of) / all}%`;
    button.style.left = part(word.x, canvas.width);
    button.style.top = part(word.y, canvas.height);
    button.style.width = part(word.width, canvas.width);
    button.style.height = part(word.height, canvas.height);
    button.onclick = () => tapAt(word);
    item.append(button);
    return item;
  }));
  if (chosen === undefined) return;
  const again = [...document.querySelectorAll('.words button')].find((button) => button.textContent === chosen);
  (again ?? keys).focus({ preventScroll: true });
}

// How long it took from a finger's leaving the glass to the first picture that shows it, and to the last.
const speed = { first: [], rest: [] };

function measure(news) {
  document.documentElement.dataset.after = news.after;
  document.documentElement.dataset.rest = news.rest;
  for (const [tap, told] of taps) {
    if (tap > news.after) continue;
    const passed = Math.round(performance.now() - told.at);
    if (news.png && !told.first) {
      told.first = true;
      speed.first.push(passed);
    }
    if (news.rest) {
      speed.rest.push(passed);
      taps.delete(tap);
    }
  }
  tellSpeed();
}

function tellSpeed() {
  $('speed').textContent = speed.first.length ? words.speed(speed.first.at(-1)) : '';
  $('speed').dataset.all = JSON.stringify(speed);
}

// One after the other: a picture that is quick to decode must not overtake the one before.
let drawing = Promise.resolve();

function listen() {
  const events = new EventSource('/events');
  events.addEventListener('seen', (event) => {
    drawing = drawing.then(() => seen(JSON.parse(event.data))).catch(console.error);
  });
  events.addEventListener('state', (event) => {
    state = JSON.parse(event.data);
    show();
  });
  events.onopen = () => {
    stopped = false;
    show();
  };
  events.onerror = () => {
    stopped = true;
    show();
  };
}

async function office() {
  const told = await (await fetch('/office')).json();
  $('office').href = told.village ? `${told.address}/area/${told.village}` : told.address;
  $('name').textContent = told.name;
  $('password').textContent = told.password;
}

const chosen = localStorage.getItem('tongue');
speak(chosen ?? (navigator.languages.find((tongue) => /^(id|en)\b/.test(tongue)) ?? 'id').slice(0, 2));
office();
listen();
