import Testing

@Suite struct MisspeltArgumentsTests {
  let place = Workplace()

  @Test func theMisspeltWordIsNamed() {
    place.fails(
      "nn-data selct d.h5 --rows :3", 64,
      "there is no subcommand 'selct'; did you mean 'select'?; they are idx, cifar10, cifar100,"
        + " images, npy, npz, csv, synth, select")
    place.fails("nn-data selct d.h5", 64, "there is no subcommand 'selct'")
    place.fails("nn-data data.csv --regression", 64, "there is no subcommand 'data.csv'; they are")
    place.fails(
      "nn-train d.h5 --modle mlp:3 -o r.h5", 64, "unknown option '--modle'; did you mean '--model'?"
    )
    place.fails(
      "nn-data csv t.csv --regresion", 64,
      "unknown option '--regresion'; did you mean '--regression'?")
    place.fails("swa-avg r.h5 --windw=3", 64, "unknown option '--windw'; did you mean '--window'?")
    place.fails("calib-eval p.h5 --no-haeder", 64, "'--no-header'?")
    place.fails("bn-update r.h5 --dta d.h5", 64, "unknown option '--dta'; did you mean '--data'?")
    place.fails("swa-avg r.h5 --nothing-like-it", 64, "unknown option '--nothing-like-it' (see")
  }

  /// What is wrong otherwise is said as before, also beside names that could be options.
  @Test func otherMistakes() {
    place.fails("nn-train d.h5", 64, "name a network with --model")
    place.fails("nn-train d.h5 --model mlp:3 --epochs 0", 64, "--epochs must be")
    place.fails("swa-avg r.h5 --window 0 -o o.h5 -- --odd", 64, "--window")
  }
}
