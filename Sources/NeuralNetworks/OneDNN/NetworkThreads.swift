import COneDNN

/// Calls `body` once for each number below `count` on the network engine's own threads, so that one
/// pool serves both; returns when all are done.
func onNetworkThreads(_ count: Int, _ body: (Int) -> Void) {
  withoutActuallyEscaping(body) { body in
    var body = body
    unsafe withUnsafeMutablePointer(to: &body) { context in
      unsafe odnn_parallel(Int32(count), context) { context, i in
        unsafe context!.assumingMemoryBound(to: ((Int) -> Void).self).pointee(Int(i))
      }
    }
  }
}
