import COneDNN
import WeightSpace

/// One operation of oneDNN, created once and run many times.
@safe
final class Primitive {
  let handle: OpaquePointer

  init(
    _ name: String, _ create: (UnsafeMutablePointer<OpaquePointer?>) throws -> Int32
  ) throws {
    var handle: OpaquePointer?
    try unsafe check(create(&handle), name)
    unsafe self.handle = handle!
    self.name = name
  }

  deinit { unsafe odnn_primitive_destroy(handle) }

  /// The layout that this primitive wants for an argument; nil where it takes none.
  func layout(_ argument: odnn_argument, shape: [Int]) -> Layout? {
    guard let layout = unsafe odnn_primitive_layout(handle, argument) else { return nil }
    return unsafe Layout(adopting: layout, shape: shape)
  }

  /// oneDNN's name of the implementation, such as `jit:avx2`.
  var implementation: String { unsafe String(cString: odnn_primitive_implementation(handle)) }
  /// What it takes of oneDNN's scratchpad, which all primitives share, in bytes.
  var scratchpadBytes: Int { unsafe Int(odnn_primitive_scratchpad(handle)) }
  /// Name of the operation and of its implementation.
  let name: String
  var summary: String { "\(name): \(implementation)" }
  /// Whether this is oneDNN's slow reference implementation.
  var isReference: Bool { implementation.hasPrefix("ref") }
}

/// A primitive with all its arguments bound.
@safe
final class Call {
  private let handle: OpaquePointer
  let primitive: Primitive
  // Keeps what the C side points to alive.
  private let memories: [Memory]

  init(_ primitive: Primitive, _ arguments: [(odnn_argument, Memory)]) throws {
    var handle: OpaquePointer?
    let addresses = unsafe arguments.map { unsafe $0.1.handle }
    try unsafe check(
      odnn_call_create(
        &handle, primitive.handle, Int32(arguments.count), arguments.map(\.0), addresses), "a call")
    unsafe self.handle = handle!
    self.primitive = primitive
    self.memories = arguments.map(\.1)
  }

  deinit { unsafe odnn_call_destroy(handle) }

  func run() {
    let status = unsafe odnn_call_run(handle)
    precondition(status == 0, "oneDNN failed to run \(primitive.implementation): status \(status)")
  }
}

/// One thing a plan does.
enum PlanStep {
  case call(Call)
  case custom(() -> Void)

  func run() {
    switch self {
    case .call(let call): call.run()
    case .custom(let body): body()
    }
  }

  var name: String {
    if case .call(let call) = self { return call.primitive.summary }
    return "own"
  }
}

/// oneDNN's version, such as "2.6.3".
public var oneDNNVersion: String {
  let version = odnn_version()
  return "\(version / 10000).\(version / 100 % 100).\(version % 100)"
}

/// Sets the number of the network engine's threads, no more than OMP_THREAD_LIMIT, and lets the loops
/// of `WeightSpace` run on them too. Where there are as many as processors each gets its own.
public func setNetworkThreads(_ count: Int) {
  // They are counted before this thread is kept to one.
  _ = Parallelism.availableProcessors
  if odnn_set_threads(Int32(clamping: count)) > 0 {
    Parallelism.team = { onNetworkThreads($0, $1) }
  }
}
