/** A map that holds everything: what is asked for is made then. Nobody can list it. */
export class Lookup<Key, Value> extends Map<Key, Value> {
  readonly #make: (key: Key) => Value;

  constructor(make: (key: Key) => Value) {
    super();
    this.#make = make;
  }

  override get(key: Key): Value {
    return this.#make(key);
  }

  override has(): boolean {
    return true;
  }
}
