import Files

/// Reads a pickle as PyTorch writes it (protocols 2 to 5) and runs nothing of it.
///
/// A pickle is a program for a machine with a stack. Of what it would import only this is known:
/// dictionaries, tensors, their storages, their types and sizes. Whatever another function or class
/// would make is an opaque value, and what was handed to it is gone.
///
/// Bounds: every step takes a byte of the file at least; lengths are checked against the file before
/// anything is read; values in memory cost at most `greatestCost`; nothing calls itself.
struct Unpickler {
  var heap = PickleHeap()
  private(set) var bytes: PickleBytes
  private var stack: [PickleValue] = []
  /// The stack's heights where collecting began.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var cost = 0

  /// About so many bytes: a checkpoint's tensors, optimisers and all, take some hundred each.
  private static let greatestCost = 256 << 20
  private static let greatestText = 1 << 16

  init(_ bytes: PickleBytes) { self.bytes = bytes }

  /// Reads to the end of one pickle.
  ///
  /// - Returns: the value that it makes.
  /// - Throws: `FileError` of kind `wrongData` for what is damaged, or nothing that `torch.save` writes.
  mutating func run() throws -> PickleValue {
    (stack, marks, memo) = ([], [], [:])
    while true {
      let code = try bytes.byte()
      if code == UInt8(ascii: ".") { return try pop() }
      try step(code)
    }
  }

  private mutating func step(_ code: UInt8) throws {
    switch code {
    case 0x80:  // PROTO
      let version = try bytes.byte()
      guard (2...5).contains(version) else {
        throw bytes.problem("protocol \(version), where PyTorch writes 2 to 5")
      }
    case 0x95: try bytes.skip(8)  // FRAME
    case UInt8(ascii: "N"), 0x8f: try push(.other)  // NONE, EMPTY_SET
    case 0x88: try push(.truth(true))
    case 0x89: try push(.truth(false))
    case UInt8(ascii: "J"):
      try push(.integer(Int(Int32(truncatingIfNeeded: try bytes.number(4)))))
    case UInt8(ascii: "K"): try push(.integer(try bytes.number(1)))
    case UInt8(ascii: "M"): try push(.integer(try bytes.number(2)))
    case 0x8a: try long(try bytes.number(1))
    case 0x8b: try long(try bytes.number(4))
    case UInt8(ascii: "G"):
      try bytes.skip(8)
      try push(.other)
    case 0x8c, UInt8(ascii: "U"), UInt8(ascii: "C"): try text(try bytes.number(1))
    case UInt8(ascii: "X"), UInt8(ascii: "T"), UInt8(ascii: "B"): try text(try bytes.number(4))
    case 0x8d, 0x8e, 0x96: try text(try bytes.number(8))
    case UInt8(ascii: "}"):
      heap.dictionaries.append([])
      try push(.dictionary(heap.dictionaries.count - 1), costing: 64)
    case UInt8(ascii: "]"):
      heap.lists.append([])
      try push(.list(heap.lists.count - 1), costing: 64)
    case UInt8(ascii: ")"): try tuple([])
    case 0x85, 0x86, 0x87: try tuple(try pop(Int(code) - 0x84))
    case UInt8(ascii: "("):
      try charge(8)
      marks.append(stack.count)
    case UInt8(ascii: "t"): try tuple(try popToMark())
    case 0x90: _ = try popToMark()  // ADDITEMS
    case 0x91:  // FROZENSET
      _ = try popToMark()
      try push(.other)
    case UInt8(ascii: "a"): try append([try pop()])
    case UInt8(ascii: "e"): try append(try popToMark())
    case UInt8(ascii: "s"): try setItems(try pop(2))
    case UInt8(ascii: "u"): try setItems(try popToMark())
    case UInt8(ascii: "0"):
      if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
    case UInt8(ascii: "1"): _ = try popToMark()
    case UInt8(ascii: "2"): try push(try top())
    case UInt8(ascii: "q"): try remember(try bytes.number(1))
    case UInt8(ascii: "r"): try remember(try bytes.number(4))
    case 0x94: try remember(memo.count)
    case UInt8(ascii: "h"): try recall(try bytes.number(1))
    case UInt8(ascii: "j"): try recall(try bytes.number(4))
    case UInt8(ascii: "c"):
      let module = try name(try bytes.line())
      try global(module, try name(try bytes.line()))
    case 0x93:  // STACK_GLOBAL
      let names = try pop(2)
      guard case .text(let module) = names[0], case .text(let name) = names[1],
        module.utf8.count + name.utf8.count <= 2048
      else { throw bytes.problem("imports what has no name") }
      try global(module, name)
    case UInt8(ascii: "R"), 0x81:  // REDUCE, NEWOBJ
      let call = try pop(2)
      try push(try result(of: call[0], arguments: call[1]), costing: 64)
    case 0x92: try push(try result(of: try pop(3)[0], arguments: .other))  // NEWOBJ_EX
    case UInt8(ascii: "b"):  // BUILD
      _ = try pop()
      _ = try top()
    case UInt8(ascii: "Q"): try push(try persistent(try pop()), costing: 128)
    default:
      throw bytes.problem(
        "instruction 0x\(String(code, radix: 16)), which PyTorch does not write")
    }
  }

  // MARK: The stack

  mutating func charge(_ bytes: Int) throws {
    cost += bytes
    guard cost <= Self.greatestCost else {
      throw self.bytes.problem("makes too many values for a state dict")
    }
  }

  private mutating func push(_ value: PickleValue, costing: Int = 0) throws {
    try charge(costing)
    // What is on the stack alone goes when it is popped, but 2²⁴ at a time are no state dict.
    guard stack.count < 1 << 22 else { throw bytes.problem("needs a stack of too many values") }
    stack.append(value)
  }

  private func top() throws -> PickleValue {
    guard let value = stack.last, stack.count > marks.last ?? 0 else {
      throw bytes.problem("takes a value where there is none")
    }
    return value
  }

  private mutating func pop() throws -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func pop(_ count: Int) throws -> [PickleValue] {
    guard stack.count - (marks.last ?? 0) >= count else {
      throw bytes.problem("takes \(count) values where there are fewer")
    }
    defer { stack.removeLast(count) }
    return Array(stack.suffix(count))
  }

  private mutating func popToMark() throws -> [PickleValue] {
    guard let mark = marks.popLast() else { throw bytes.problem("collects values from nowhere") }
    defer { stack.removeLast(stack.count - mark) }
    return Array(stack[mark...])
  }

  private mutating func remember(_ place: Int) throws {
    try charge(64)
    memo[place] = try top()
  }

  private mutating func recall(_ place: Int) throws {
    guard let value = memo[place] else {
      throw bytes.problem("recalls value \(place), which there is not")
    }
    try push(value)
  }

  // MARK: Values

  private mutating func long(_ count: Int) throws {
    guard count <= 8 else {
      try bytes.skip(count)
      return try push(.other)
    }
    var value: UInt64 = 0
    let digits = try bytes.bytes(count)
    for (i, digit) in digits.enumerated() { value |= UInt64(digit) << UInt64(8 * i) }
    if let last = digits.last, last >= 0x80, count < 8 { value |= ~0 << UInt64(8 * count) }
    try push(.integer(Int(Int64(bitPattern: value))))
  }

  private mutating func text(_ count: Int) throws {
    guard count <= Self.greatestText else {
      try bytes.skip(count)
      return try push(.other)
    }
    let text = String(validating: try bytes.bytes(count), as: UTF8.self)
    try push(text.map { .text($0) } ?? .other, costing: count)
  }

  private func name(_ line: [UInt8]) throws -> String {
    guard let name = String(validating: line, as: UTF8.self) else {
      throw bytes.problem("imports what has no name")
    }
    return name
  }

  private mutating func global(_ module: String, _ name: String) throws {
    heap.globals.append("\(module).\(name)")
    try push(.global(heap.globals.count - 1), costing: 32 + module.utf8.count + name.utf8.count)
  }

  private mutating func tuple(_ items: [PickleValue]) throws {
    heap.tuples.append(items)
    try push(.tuple(heap.tuples.count - 1), costing: 64 + 32 * items.count)
  }

  private mutating func append(_ items: [PickleValue]) throws {
    switch try top() {
    case .list(let i):
      try charge(48 * items.count)
      heap.lists[i] += items
    case .opaque, .other: break
    default: throw bytes.problem("appends to what is no list")
    }
  }

  private mutating func setItems(_ items: [PickleValue]) throws {
    guard items.count % 2 == 0 else { throw bytes.problem("a key without a value") }
    switch try top() {
    case .dictionary(let i):
      try charge(48 * items.count)
      for k in stride(from: 0, to: items.count, by: 2) {
        heap.dictionaries[i].append((items[k], items[k + 1]))
      }
    case .opaque, .other: break
    default: throw bytes.problem("sets items of what is no dictionary")
    }
  }
}
