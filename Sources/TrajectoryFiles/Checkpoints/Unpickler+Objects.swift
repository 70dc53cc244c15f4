import Files

// What the functions that PyTorch's pickles call would make. None is called.
extension Unpickler {
  /// The result of a function, or an instance of a class.
  mutating func result(
    of function: PickleValue, arguments: PickleValue, isNested: Bool = false
  ) throws -> PickleValue {
    guard case .global(let place) = function else {
      if case .opaque = function { return function }
      return .other
    }
    var items: [PickleValue] = []
    if case .tuple(let i) = arguments { items = heap.tuples[i] }
    let opaque = PickleValue.opaque(place)
    switch heap.globals[place] {
    case "collections.OrderedDict", "builtins.dict", "__builtin__.dict", "collections.defaultdict":
      return try dictionary(of: items)
    case "torch.Size":
      if let first = items.first, heap.integers(first) != nil { return first }
      return opaque
    case "torch._utils._rebuild_tensor", "torch._utils._rebuild_tensor_v2":
      return try tensor(items, type: nil)
    case "torch._utils._rebuild_tensor_v3":
      guard items.count > 6, case .global(let dtype) = items[6],
        let type = StorageType(dtype: heap.globals[dtype])
      else { return opaque }
      return try tensor(items, type: type)
    case "torch._utils._rebuild_parameter", "torch._utils._rebuild_parameter_with_state":
      if let first = items.first, case .tensor = first { return first }
      return opaque
    case "torch._tensor._rebuild_from_type_v2", "torch.tensor._rebuild_from_type_v2":
      // A tensor with attributes of its own: (function, class, arguments, state).
      guard items.count >= 3, !isNested else { return opaque }
      return try result(of: items[0], arguments: items[2], isNested: true)
    default: return opaque
    }
  }

  /// A dictionary of the pairs in the first argument, if there is one.
  private mutating func dictionary(of arguments: [PickleValue]) throws -> PickleValue {
    var pairs: [PickleValue] = []
    for argument in arguments {
      if case .list(let i) = argument { pairs = heap.lists[i] }
      if case .tuple(let i) = argument { pairs = heap.tuples[i] }
    }
    var items: [(key: PickleValue, value: PickleValue)] = []
    for pair in pairs {
      var both: [PickleValue] = []
      if case .tuple(let i) = pair { both = heap.tuples[i] }
      if case .list(let i) = pair { both = heap.lists[i] }
      if both.count == 2 { items.append((both[0], both[1])) }
    }
    try charge(96 * items.count)
    heap.dictionaries.append(items)
    return .dictionary(heap.dictionaries.count - 1)
  }

  /// A tensor of (storage, offset, shape, strides, …).
  private mutating func tensor(_ items: [PickleValue], type: StorageType?) throws -> PickleValue {
    guard items.count >= 4, case .storage(let place) = items[0],
      case .integer(let offset) = items[1],
      let shape = heap.integers(items[2]), let strides = heap.integers(items[3])
    else { throw bytes.problem("a tensor without a storage, an offset, a shape or strides") }
    let storage = heap.storages[place]
    try charge(128 + 16 * shape.count)
    heap.tensors.append(
      TensorReference(
        storage: storage, type: type ?? storage.type, offset: offset, shape: shape,
        strides: strides))
    return .tensor(heap.tensors.count - 1)
  }

  /// What lies outside of the pickle: ("storage", class, key, device, count), and in files before
  /// PyTorch 1.6 a sixth, the part of it that is meant: None or (key of the part, offset, count).
  mutating func persistent(_ name: PickleValue) throws -> PickleValue {
    guard case .tuple(let i) = name else { return .other }
    let items = heap.tuples[i]
    guard let first = items.first, case .text("storage") = first else { return .other }
    guard items.count >= 5, case .global(let place) = items[1], case .text(let key) = items[2],
      case .integer(let count) = items[4], count >= 0
    else { throw bytes.problem("a storage without a class, a key or a count") }
    guard let type = StorageType(storage: heap.globals[place]) else {
      throw bytes.problem("a storage of the class \(heap.globals[place]), which is not known here")
    }
    var part = 0..<count
    if items.count >= 6, case .tuple(let view) = items[5] {
      let numbers = heap.tuples[view]
      guard numbers.count == 3, case .integer(let start) = numbers[1],
        case .integer(let length) = numbers[2], start >= 0, length >= 0, start <= count,
        length <= count - start
      else { throw bytes.problem("a part of a storage that lies beyond it") }
      part = start..<(start + length)
    }
    heap.storages.append(StorageReference(key: key, type: type, count: count, part: part))
    return .storage(heap.storages.count - 1)
  }
}
