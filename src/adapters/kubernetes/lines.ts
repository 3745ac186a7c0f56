/** The lines of a byte stream, without their ends; what stands after the last line end is none. */
export async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let open: Buffer[] = [];
  for await (const chunk of chunks) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      open.push(chunk.subarray(from, end));
      yield Buffer.concat(open).toString();
      open = [];
      from = end + 1;
    }
    open.push(chunk.subarray(from));
  }
}
