import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { AskedThread, dealOut, type Thread } from '../src/asked-thread.ts';

interface Answer {
  readonly id: number;
  readonly text: string;
}

class FakeThread extends EventEmitter implements Thread {
  readonly posted: { readonly id: number }[] = [];
  isHeld = true;
  isTerminated = false;

  postMessage(message: { readonly id: number }): void {
    this.posted.push(message);
  }
  ref(): void {
    this.isHeld = true;
  }
  unref(): void {
    this.isHeld = false;
  }
  terminate(): void {
    this.isTerminated = true;
  }
}

function open(): { fake: FakeThread; thread: AskedThread<string, Answer>; heard: string[]; left: string[][] } {
  const fake = new FakeThread();
  const heard: string[] = [];
  const left: string[][] = [];
  const thread = new AskedThread<string, Answer>(fake, {
    message: (question) => ({ question }),
    answered: (question, { text }) => void heard.push(`${question} ${text}`),
    ended: (unanswered) => void left.push([...unanswered]),
  });
  return { fake, thread, heard, left };
}

test('every answer goes to who asked, and the process is held no longer than one is open', () => {
  const { fake, thread, heard } = open();
  assert.equal(fake.isHeld, false);
  thread.ask('a');
  thread.ask('b');
  assert.deepEqual(fake.posted, [
    { id: 1, question: 'a' },
    { id: 2, question: 'b' },
  ]);
  fake.emit('message', { id: 2, text: 'two' });
  assert.equal(fake.isHeld, true);
  fake.emit('message', { id: 1, text: 'one' });
  assert.deepEqual(heard, ['b two', 'a one']);
  assert.equal(fake.isHeld, false);
});

test('an answer that nobody waits for is heard by nobody', () => {
  const { fake, thread, heard } = open();
  thread.ask('a');
  for (const id of [7, 1, 1]) fake.emit('message', { id, text: 'x' });
  assert.deepEqual(heard, ['a x']);
});

test('what a thread leaves when it dies is given back once', () => {
  const { fake, thread, left } = open();
  thread.ask('a');
  thread.ask('b');
  fake.emit('error', new Error('no memory'));
  fake.emit('exit', 1);
  assert.deepEqual(left, [['a', 'b']]);
  assert.equal(thread.waiting, Infinity);
});

test('what is closed gives back what is open to who closes it, and to nobody else', () => {
  const { fake, thread, left } = open();
  thread.ask('a');
  assert.deepEqual(thread.close(), ['a']);
  assert.equal(fake.isTerminated, true);
  fake.emit('exit', 1);
  assert.deepEqual(left, []);
  assert.equal(thread.waiting, Infinity);
});

test('threads are dealt to evenly, none beyond its depth, and none that has ended', () => {
  const threads = [open(), open(), open()];
  threads[2]?.fake.emit('exit', 0);
  const queue = ['a', 'b', 'c', 'd', 'e'];
  dealOut(
    queue,
    threads.map(({ thread }) => thread),
    2,
  );
  assert.deepEqual(
    threads.map(({ fake }) => fake.posted.length),
    [2, 2, 0],
  );
  assert.deepEqual(queue, ['e']);
});
