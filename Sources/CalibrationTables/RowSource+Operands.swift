import Files
import HDF5

/// Opens the table that an operand names: `FILE.npy`; `FILE.csv`, `.tsv` or `.txt`, with `:COLUMN` or
/// `:A-B` behind it for some of its columns; otherwise `FILE:/PATH`, a dataset in an HDF5 file.
///
/// - Parameter header: whether the first line of a text table names its columns.
/// - Throws: `FileError`.
func openRows(_ operand: String, header: TableHeader) throws -> any RowSource {
  if operand.hasSuffix(".npy") { return try NpyRows(operand) }
  let (file, object) = split(operand)
  for name in [operand, file] where isText(name) {
    return try CSVRows(name, columns: name == operand ? nil : object, header: header)
  }
  guard let object else {
    throw FileError(
      .missingInput, file: operand, "names no object: write FILE:/PATH, FILE.npy or FILE.csv")
  }
  let dataset = try HDF5File.open(operand: file).storedDataset(object)
  guard dataset.type != nil else { throw dataset.problem("holds no numbers") }
  return try HDF5Rows(dataset)
}

/// Whether an operand is a table by its name, and no predictions file.
func isTable(_ operand: String) -> Bool { operand.hasSuffix(".npy") || isText(operand) }

private func isText(_ name: String) -> Bool {
  [".csv", ".tsv", ".txt"].contains { name.hasSuffix($0) }
}

private func split(_ operand: String) -> (file: String, object: String?) {
  guard let colon = operand.lastIndex(of: ":"), colon != operand.startIndex else {
    return (operand, nil)
  }
  return (String(operand[..<colon]), String(operand[operand.index(after: colon)...]))
}
