import { describe, expect, it } from 'vitest';
import { parseIsolation, type WrittenIsolation } from '../../src/config/isolation/parse-isolation.ts';

const place = { place: 'namespace builds', forge: 'https://github.com' };

function read(changes: Partial<WrittenIsolation>, forge = place.forge) {
  const written = { mode: 'prove', targets: ['pod'], accepted: [], control: null, ...changes };
  return parseIsolation(written, { ...place, forge });
}

describe('the settings of isolation', () => {
  it('are read to what is tried', () => {
    const targets = [
      'pod',
      'api-server=10.96.0.1:443',
      'v6=[fd00::1]:443',
      'bare=fd00::1:443',
      'r=http://r.io:5000/a/b',
    ];
    expect(read({ targets, accepted: ['pod', 'pod'] })).toEqual({
      kind: 'proved',
      settings: {
        kind: 'proved',
        place: 'namespace builds',
        targets: [
          { name: 'pod', kind: 'pod' },
          { name: 'api-server', kind: 'connect', host: '10.96.0.1', port: 443 },
          { name: 'v6', kind: 'connect', host: 'fd00::1', port: 443 },
          { name: 'bare', kind: 'connect', host: 'fd00::1', port: 443 },
          { name: 'r', kind: 'write', url: 'http://r.io:5000/a/b' },
        ],
        accepted: ['pod'],
        control: { name: 'control', kind: 'connect', host: 'github.com', port: 443 },
      },
    });
  });

  it.each`
    forge                      | control            | host                | port
    ${'https://github.com'}    | ${null}            | ${'github.com'}     | ${443}
    ${'http://10.77.0.1:4040'} | ${null}            | ${'10.77.0.1'}      | ${4040}
    ${'http://github.acme.io'} | ${null}            | ${'github.acme.io'} | ${80}
    ${'https://github.com'}    | ${'10.0.0.1:3128'} | ${'10.0.0.1'}       | ${3128}
  `('must reach $host:$port with the forge $forge and $control written', ({ forge, control, host, port }) => {
    expect(read({ control }, forge)).toMatchObject({ settings: { control: { host, port } } });
  });

  it.each([null, 'off'])('prove nothing where the mode is %s, whatever else is written', (mode) => {
    expect(read({ mode, targets: ['nonsense'] })).toEqual({ kind: 'off' });
  });

  it.each<[Partial<WrittenIsolation>, string]>([
    [{ mode: 'on' }, 'SLUICE_ISOLATION: "on" is neither prove nor off; write one of them'],
    [{ targets: [] }, 'SLUICE_ISOLATION_TARGETS names nothing, so nothing would be proved; write it as'],
    [{ targets: ['pod', 'api'] }, 'SLUICE_ISOLATION_TARGETS, entry 2: "api" is no target; write it as'],
    [{ targets: ['a=10.0.0.1'] }, 'entry 1: "a=10.0.0.1" names no port; write 10.0.0.1:PORT'],
    [{ targets: ['a=10.0.0.1:'] }, 'names no port; write 10.0.0.1:PORT'],
    [{ targets: ['a=10.0.0.1:0'] }, 'names the port "0"; write a number from 1 to 65535'],
    [{ targets: ['a=10.0.0.1:https'] }, 'names the port "https"; write a number from 1 to 65535'],
    [{ targets: ['a=ho_st:1'] }, 'names "ho_st", which is no host; write HOST:PORT'],
    [{ targets: ['A=10.0.0.1:1'] }, 'is called "A"; write a name of lower-case letters, digits and -'],
    [{ targets: ['pod=10.0.0.1:1'] }, 'names an address for pod, which is a pod that we start; write pod'],
    [{ targets: ['r=https://r.io'] }, 'names no repository of a registry; write https://HOST/REPOSITORY'],
    [{ targets: ['r=ftp://r.io/x'] }, 'names no repository of a registry; write https://HOST/REPOSITORY'],
    [{ targets: ['pod', 'pod'] }, 'two targets are called pod; give one another name'],
    [{ accepted: ['internet'] }, 'SLUICE_ISOLATION_ACCEPTED: "internet" is no target; write one of pod'],
    [{ control: 'github.com' }, 'SLUICE_ISOLATION_CONTROL: "github.com" names no port; write github.com:PORT'],
    [{ targets: Array.from({ length: 21 }, (_, each) => `t${each}=h:1`) }, 'names 21 targets; write 20 at the most'],
  ])('refuse %j with where, what and what to write instead', (changes, words) => {
    const reading = read(changes);
    expect(reading.kind).toBe('wrong');
    expect(reading.kind === 'wrong' ? reading.mistakes.join('\n') : '').toContain(words);
  });

  it('have all their mistakes told at once', () => {
    expect(read({ targets: ['a', 'b'], control: 'c' })).toMatchObject({ mistakes: { length: 3 } });
  });
});
