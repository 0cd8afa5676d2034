import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { Heartbeat } from '../src/heartbeat.ts';

interface Patient {
  readonly heartbeat: Heartbeat;
  readonly log: string[];
  isPending: boolean;
}

function open(): Patient {
  const log: string[] = [];
  const patient: Patient = {
    log,
    isPending: true,
    heartbeat: new Heartbeat({
      unresponsiveMs: 1500,
      isPending: () => patient.isPending,
      ask: () => log.push('ask'),
      onSilent: () => log.push('silent'),
      onAlive: () => log.push('alive'),
    }),
  };
  onTestFinished(() => patient.heartbeat.stop());
  return patient;
}

describe('a heartbeat', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
  });

  it('asks twice within the time while something is pending', () => {
    const { heartbeat, log } = open();
    heartbeat.start();
    expect(log).toEqual([]);
    vi.advanceTimersByTime(1000);
    expect(log).toEqual(['ask', 'ask']);
  });

  it('says that the peer is silent when it left questions unanswered for the time, once, and goes on asking', () => {
    const { heartbeat, log } = open();
    heartbeat.start();
    vi.advanceTimersByTime(1499);
    expect(log).not.toContain('silent');
    vi.advanceTimersByTime(1001);
    expect(log).toEqual(['ask', 'ask', 'silent', 'ask', 'ask', 'ask']);
  });

  it('never calls a peer silent that answers in time', () => {
    const { heartbeat, log } = open();
    heartbeat.start();
    for (let beat = 0; beat < 50; beat++) {
      vi.advanceTimersByTime(500);
      if (beat % 2 === 1) heartbeat.alive();
    }
    expect(new Set(log)).toEqual(new Set(['ask']));
  });

  it('says once that a silent peer is back, and can find it silent again', () => {
    const { heartbeat, log } = open();
    heartbeat.start();
    vi.advanceTimersByTime(1500);
    heartbeat.alive();
    heartbeat.alive();
    expect(log.filter((entry) => entry === 'alive')).toHaveLength(1);
    vi.advanceTimersByTime(2000);
    expect(log.filter((entry) => entry === 'silent')).toHaveLength(2);
  });

  it('stops when nothing is pending any more, and begins anew', () => {
    const patient = open();
    patient.heartbeat.start();
    vi.advanceTimersByTime(500);
    patient.isPending = false;
    vi.advanceTimersByTime(10_000);
    expect(patient.log).toEqual(['ask']);
    expect(vi.getTimerCount()).toBe(0);
    patient.isPending = true;
    patient.heartbeat.start();
    vi.advanceTimersByTime(1000);
    expect(patient.log).toEqual(['ask', 'ask', 'ask']);
  });

  it('goes on asking a silent peer although nothing is pending any more, until it is back', () => {
    const patient = open();
    patient.heartbeat.start();
    vi.advanceTimersByTime(1500);
    patient.isPending = false;
    vi.advanceTimersByTime(1000);
    patient.heartbeat.alive();
    vi.advanceTimersByTime(1000);
    expect(patient.log.at(-1)).toBe('alive');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('blames nobody for a pause of its own page: it counts questions', () => {
    const { heartbeat, log } = open();
    heartbeat.start();
    vi.advanceTimersByTime(500);
    vi.setSystemTime(Date.now() + 3_600_000);
    vi.advanceTimersByTime(500);
    heartbeat.alive();
    vi.advanceTimersByTime(500);
    expect(log).not.toContain('silent');
  });

  it('is one, however often it is started, and forgets silence when it is stopped', () => {
    const { heartbeat, log } = open();
    heartbeat.start();
    heartbeat.start();
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(1500);
    heartbeat.stop();
    expect(vi.getTimerCount()).toBe(0);
    heartbeat.alive();
    expect(log).not.toContain('alive');
  });
});
