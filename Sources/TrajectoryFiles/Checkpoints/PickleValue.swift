import Files

/// A value that a pickle makes. What holds others is an index into `PickleHeap`: a list that holds
/// itself is then no trouble, and none is too deep to be let go.
enum PickleValue {
  case integer(Int)
  case truth(Bool)
  /// A text of at most 64 KiB, or bytes that are one.
  case text(String)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  /// The name of something that a program would import, such as a function.
  case global(Int)
  case storage(Int)
  case tensor(Int)
  /// What a function that is not run would have made; the function's name.
  case opaque(Int)
  /// None, numbers with a fraction, sets, long texts, bytes.
  case other

  /// Which of the values that hold others this is; nil for those that hold none. Who goes through them
  /// visits each once: a list may be in others any number of times, and in itself.
  var place: [Int]? {
    switch self {
    case .dictionary(let i): [0, i]
    case .list(let i): [1, i]
    case .tuple(let i): [2, i]
    default: nil
    }
  }
}

/// Numbers that some tensors are made of.
struct StorageReference {
  let key: String
  let type: StorageType
  /// Elements that the file has under this key; bytes where they have no type.
  let count: Int
  /// Those of them that are meant.
  let part: Range<Int>
}

/// A tensor as the pickle claims it: nothing is checked yet.
struct TensorReference {
  let storage: StorageReference
  let type: StorageType
  /// The number of the storage's part at which it begins.
  let offset: Int
  let shape: [Int]
  let strides: [Int]
}

/// All values of a pickle that hold others.
struct PickleHeap {
  var tuples: [[PickleValue]] = []
  var lists: [[PickleValue]] = []
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var globals: [String] = []
  var storages: [StorageReference] = []
  var tensors: [TensorReference] = []

  /// What a value holds, under its names; places of lists count from 0. None for what holds nothing.
  func children(of value: PickleValue) -> [(name: String, value: PickleValue)] {
    switch value {
    case .dictionary(let i):
      dictionaries[i].compactMap { key, value in
        switch key {
        case .text(let name): (name, value)
        case .integer(let number): (String(number), value)
        default: nil
        }
      }
    case .list(let i): lists[i].enumerated().map { (String($0), $1) }
    case .tuple(let i): tuples[i].enumerated().map { (String($0), $1) }
    default: []
    }
  }

  /// The numbers of a tuple or list of whole numbers; nil for anything else.
  func integers(_ value: PickleValue) -> [Int]? {
    let items: [PickleValue]
    switch value {
    case .tuple(let i): items = tuples[i]
    case .list(let i): items = lists[i]
    default: return nil
    }
    var numbers: [Int] = []
    for item in items {
      guard case .integer(let number) = item else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
