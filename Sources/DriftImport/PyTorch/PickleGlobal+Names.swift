extension PickleGlobal {
  /// What a name stands for; nil if it is not on the list.
  static func named(_ module: String, _ name: String) -> PickleGlobal? {
    let full = fullName(module, name)
    if let known = known[full] { return known }
    if inert.contains(full) { return .inert(full) }
    return nil
  }

  /// The name as Python 3 and NumPy 2 have it.
  static func fullName(_ module: String, _ name: String) -> String {
    switch module {
    case "__builtin__": "builtins.\(name)"
    case "copy_reg": "copyreg.\(name)"
    case _ where module.hasPrefix("numpy.core."): "numpy._core.\(module.dropFirst(11)).\(name)"
    default: "\(module).\(name)"
    }
  }

  /// Why a name that is not on the list is refused, and what to do.
  static func refusal(_ module: String, _ name: String) -> String {
    let full = "\(module).\(name)".escaped
    switch full {
    case "torch.storage._load_from_bytes":
      return "holds an archive within the archive (\(full)); load it in PyTorch and save its tensors with torch.save"
    case _ where module.hasPrefix("torch.jit") || module.hasPrefix("__torch__"):
      return "holds a TorchScript program (\(full)); save the state_dict() of the model instead"
    case _ where module.hasPrefix("torch.nn.modules"):
      return "holds a whole network, whose code would have to run (\(full)); save its state_dict() instead"
    case _ where module.hasPrefix("torch._utils._rebuild") || (module == "torch._utils" && name.hasPrefix("_rebuild")):
      return "holds a kind of tensor that cannot be read (\(full)); save plain dense tensors"
    default:
      return
        "tries to run code: \(full) is not on the list of harmless data; nothing was run. If the file is to be trusted, load it in "
        + "PyTorch and save the model's state_dict() alone"
    }
  }

  private static let known: [String: PickleGlobal] = {
    var known: [String: PickleGlobal] = [
      "builtins.list": .list, "torch._utils._rebuild_tensor": .rebuildTensor(version: 1),
      "torch._utils._rebuild_tensor_v2": .rebuildTensor(version: 2), "torch._utils._rebuild_tensor_v3": .rebuildTensor(version: 3),
      "torch._tensor._rebuild_from_type_v2": .rebuildFromType, "copyreg._reconstructor": .reconstructor,
      "torch.storage.UntypedStorage": .untypedStorage, "torch.UntypedStorage": .untypedStorage,
    ]
    for name in ["builtins.dict", "collections.OrderedDict", "collections.defaultdict", "collections.Counter"] {
      known[name] = .dictionary(name)
    }
    for name in ["builtins.tuple", "torch.Size"] { known[name] = .tuple(name) }
    for name in ["builtins.set", "builtins.frozenset"] { known[name] = .set(name) }
    for name in ["builtins.bytes", "builtins.bytearray", "_codecs.encode"] { known[name] = .bytes(name) }
    for name in ["_rebuild_parameter", "_rebuild_parameter_with_state"] {
      known["torch._utils.\(name)"] = .rebuildParameter("torch._utils.\(name)")
    }
    let storages: [(String, TensorFormat)] = [
      ("Double", .float64), ("Float", .float32), ("Half", .float16), ("BFloat16", .bfloat16), ("Long", .int64), ("Int", .int32),
      ("Short", .int16), ("Char", .int8), ("Byte", .uint8), ("Bool", .bool), ("ComplexFloat", .complex64),
      ("ComplexDouble", .complex128),
    ]
    for (name, format) in storages {
      known["torch.\(name)Storage"] = .storage(format)
      known["torch.cuda.\(name)Storage"] = .storage(format)
    }
    let formats: [(String, TensorFormat)] = [
      ("float64", .float64), ("double", .float64), ("float32", .float32), ("float", .float32), ("float16", .float16),
      ("half", .float16),
      ("bfloat16", .bfloat16), ("int64", .int64), ("long", .int64), ("int32", .int32), ("int", .int32), ("int16", .int16),
      ("short", .int16), ("int8", .int8), ("uint8", .uint8), ("bool", .bool), ("uint16", .uint16), ("uint32", .uint32),
      ("uint64", .uint64), ("float8_e4m3fn", .float8e4m3), ("float8_e5m2", .float8e5m2), ("complex64", .complex64),
      ("complex128", .complex128),
    ]
    for (name, format) in formats { known["torch.\(name)"] = .format(format) }
    return known
  }()

  /// Classes of plain data that lie beside the weights in training checkpoints: options, counters, dates, paths.
  private static let inert: Set<String> = {
    var names: Set<String> = [
      "argparse.Namespace", "types.SimpleNamespace", "collections.deque", "typing.Any", "uuid.UUID", "decimal.Decimal",
      "fractions.Fraction", "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter", "torch.nn.parameter.Buffer",
      "torch.strided", "torch.contiguous_format", "torch.serialization._get_layout", "numpy.dtype", "numpy.ndarray",
      "numpy._core.multiarray.scalar", "numpy._core.multiarray._reconstruct", "numpy._core.numeric._frombuffer",
    ]
    for name in ["int", "float", "str", "bool", "complex", "slice", "range", "xrange", "object"] {
      names.insert("builtins.\(name)")
    }
    for name in ["datetime", "date", "time", "timedelta", "timezone"] { names.insert("datetime.\(name)") }
    for name in ["PosixPath", "WindowsPath", "PurePosixPath", "PureWindowsPath"] {
      names.formUnion(["pathlib.\(name)", "pathlib._local.\(name)"])
    }
    for name in [
      "bool", "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    ] {
      names.insert("numpy.\(name)")
    }
    for name in ["Bool", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float16", "Float32", "Float64"]
    {
      names.insert("numpy.dtypes.\(name)DType")
    }
    names.formUnion([
      "omegaconf.dictconfig.DictConfig", "omegaconf.listconfig.ListConfig", "omegaconf.base.ContainerMetadata",
      "omegaconf.base.Metadata",
    ])
    for name in ["Any", "String", "Integer", "Float", "Boolean", "Path", "Bytes"] { names.insert("omegaconf.nodes.\(name)Node") }
    for root in ["pytorch_lightning", "lightning.pytorch"] {
      names.formUnion([
        "\(root).callbacks.model_checkpoint.ModelCheckpoint", "\(root).callbacks.early_stopping.EarlyStopping",
        "\(root).utilities.parsing.AttributeDict",
      ])
    }
    names.formUnion(["lightning_fabric.utilities.data.AttributeDict", "lightning.fabric.utilities.data.AttributeDict"])
    return names
  }()
}
