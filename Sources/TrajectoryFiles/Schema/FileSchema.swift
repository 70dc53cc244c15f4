import Files

/// What a file of a kind holds: the one description that `weights-check` follows, and that
/// `weightspace(5)` prints.
///
/// A kind may have several forms, such as the plain and the affine trajectory; the form is told by an
/// object that only it has.
public struct FileSchema: Sendable {
  /// What numbers an object holds.
  public enum Numbers: String, Sendable {
    /// Floating point, all finite.
    case finite = "finite numbers"
    /// Floating point, finite and not negative.
    case nonNegative = "finite numbers, none negative"
    /// Floating point from 0 to 1; those of a row add up to 1.
    case probabilities = "probabilities"
    /// Any numbers, also NaN.
    case any = "numbers"
    /// Whole numbers that are not negative.
    case counts = "whole numbers"
    /// Whole numbers, also those that name no class of the table, such as −1.
    case labels = "classes, or numbers that name none"
    /// Bytes or floating point.
    case inputs = "bytes, or finite numbers"
    /// Whole numbers for classes, floating point for values.
    case targets = "classes, or finite numbers"
    /// No numbers, but texts.
    case texts = "texts"
    /// Numbers and truth values of any type, and bytes that only other programs read.
    case carried = "values of any type, as they were"
  }

  /// A dataset, or each dataset of a group where the path ends in `/NAME`.
  public struct Object: Sendable {
    public let path: String
    /// The extents by symbol, the same number wherever a symbol stands; `shape...` is the shape of the
    /// tensor of that name, `example...` any axes.
    public let axes: [String]
    public let numbers: Numbers
    public let isRequired: Bool

    init(_ path: String, _ axes: [String], _ numbers: Numbers, optional: Bool = false) {
      self.path = path
      self.axes = axes
      self.numbers = numbers
      isRequired = !optional
    }

    /// The group of an object that stands for each dataset of a group.
    public var group: String? { path.hasSuffix("/NAME") ? String(path.dropLast(5)) : nil }
  }

  public let kind: FileKind
  /// Which form of the kind; nil where it has one only.
  public let form: String?
  /// The object that tells the form.
  public let mark: String?
  public let objects: [Object]

  init(_ kind: FileKind, form: String? = nil, mark: String? = nil, _ objects: [Object]) {
    self.kind = kind
    self.form = form
    self.mark = mark
    self.objects = objects
  }

  /// All kinds, and of each kind the forms that are told by a mark first.
  public static let all: [FileSchema] = [
    FileSchema(
      .trajectory, form: "affine", mark: "coordinates",
      [
        Object("shift/NAME", ["shape..."], .finite),
        Object("components/NAME", ["k", "shape..."], .finite),
        Object("coordinates", ["T", "k"], .finite),
      ] + snapshots),
    FileSchema(
      .trajectory, form: "plain",
      [Object("weights/NAME", ["T", "shape..."], .finite)] + snapshots
        + [Object("carried/NAME", ["shape..."], .carried, optional: true)]),
    FileSchema(
      .curve,
      [
        Object("weights/NAME", ["n", "shape..."], .finite),
        Object("buffers/NAME", ["n", "shape..."], .finite, optional: true),
      ]),
    FileSchema(
      .subspace,
      [
        Object("shift/NAME", ["shape..."], .finite),
        Object("components/NAME", ["k", "shape..."], .finite),
        Object("singular_values", ["k"], .nonNegative, optional: true),
        Object("explained_variance_ratio", ["k"], .any, optional: true),
      ]),
    FileSchema(
      .gaussian,
      [
        Object("mean/NAME", ["shape..."], .finite),
        Object("variance/NAME", ["shape..."], .nonNegative),
        Object("deviations/NAME", ["K", "shape..."], .finite, optional: true),
      ]),
    FileSchema(
      .dataset,
      [
        Object("inputs", ["N", "example..."], .inputs),
        Object("targets", ["N", "example..."], .targets, optional: true),
        Object("names", ["N"], .texts, optional: true),
      ]),
    FileSchema(
      .predictions, form: "classification", mark: "probabilities",
      [
        Object("probabilities", ["N", "C"], .probabilities),
        Object("targets", ["N"], .labels, optional: true),
        Object("members/probabilities", ["S", "N", "C"], .probabilities, optional: true),
      ]),
    FileSchema(
      .predictions, form: "regression",
      [
        Object("mean", ["N", "D"], .finite),
        Object("variance", ["N", "D"], .nonNegative, optional: true),
        Object("aleatoric_variance", ["N", "D"], .nonNegative, optional: true),
        Object("epistemic_variance", ["N", "D"], .nonNegative, optional: true),
        Object("targets", ["N", "D"], .finite, optional: true),
        Object("members/mean", ["S", "N", "D"], .finite, optional: true),
        Object("members/aleatoric_variance", ["S", "N", "D"], .nonNegative, optional: true),
      ]),
  ]

  /// What every trajectory has beside its weights.
  private static let snapshots = [
    Object("buffers/NAME", ["T", "shape..."], .finite, optional: true),
    Object("snapshots/NAME", ["T"], .any, optional: true),
    Object("committed", [], .counts, optional: true),
  ]
}
