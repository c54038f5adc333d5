// An asset is a function: its inputs are its parameters, its value is what it returns.
//
//   asset("iris_data", [] { return read_csv("iris.csv"); }, {.io_manager_key = "files"})
//   asset("setosa", [](const Table& iris_data) { … }, {.inputs = {"iris_data"}})
//
// Parameters, in any order: `AssetExecutionContext&` (log, metadata, cancellation); one derived from `Config` (run config); those
// derived from `ConfigurableResource` (resources, by type or by name); every other one is an input, in the order of `.inputs`.
#pragma once

#include <source_location>

#include <headrace/resource.hpp>
#include <headrace/table.hpp>

namespace headrace {
inline namespace sdk {

enum class Backoff { none, linear, exponential };
enum class Jitter { none, full, plus_minus };
/// When a failed step is tried again.
struct RetryPolicy {
  int max_retries = 1;
  double delay = 0;  ///< seconds
  Backoff backoff = Backoff::none;
  Jitter jitter = Jitter::none;
};

/// An input: the key of the asset whose value it is.
struct AssetIn {
  AssetIn(const char* name) : key(name) {}
  AssetIn(AssetKey of) : key(std::move(of)) {}
  AssetIn(AssetKey of, std::string manager_key, Metadata details = {})
      : key(std::move(of)), input_manager_key(std::move(manager_key)), metadata(std::move(details)) {}
  AssetKey key;
  std::string input_manager_key;  ///< loads it instead of the asset's own IO manager
  Metadata metadata;              ///< for the IO manager: context.definition_metadata()
};

struct AssetOptions {
  std::vector<AssetIn> inputs = {};         ///< one for each input parameter, in their order
  std::vector<AssetKey> deps = {};          ///< must be there before, but nothing of it is loaded
  std::vector<std::string> resources = {};  ///< keys for the resource parameters, in their order; none: by their types
  std::string io_manager_key = "io_manager";
  std::string group = "default", description = {}, code_version = {};
  std::vector<std::string> kinds = {}, owners = {};
  std::map<std::string, std::string> tags = {};
  Metadata metadata = {};
  std::optional<RetryPolicy> retry_policy = {};
  std::string pool = {};
  int priority = 0;
  std::optional<double> time_limit = {};          ///< seconds of one attempt
  std::optional<std::int64_t> memory_limit = {};  ///< bytes that one attempt may allocate
};

/// A value with metadata: `return Output{table, {.metadata = {{"nrows", n}}}}`.
struct OutputOptions {
  Metadata metadata = {};
  std::optional<std::string> data_version = {};
  std::map<std::string, std::string> tags = {};
};
template <class T>
struct Output {
  T value;
  OutputOptions options = {};
};
template <class T>
Output(T) -> Output<T>;
template <class T>
Output(T, OutputOptions) -> Output<T>;
/// No value: the function stored it itself.
struct MaterializeResult {
  Metadata metadata = {};
  std::optional<std::string> data_version = {};
  std::map<std::string, std::string> tags = {};
};

namespace detail {

struct AssetResult {
  Value value;  ///< empty: nothing to store
  OutputOptions options;
};
struct StepArguments {
  AssetExecutionContext& context;
  std::vector<Value> inputs;
  std::vector<void*> resources;
  json config = json::object();
};
struct AssetFunction {
  std::vector<const Type*> inputs;
  std::vector<std::type_index> resources;
  std::vector<std::string> resource_types;
  std::vector<Field> config;
  json config_defaults = json::object();
  const Type* output = nullptr;  ///< null: no value
  std::function<AssetResult(StepArguments&)> call;
};

// ---- what a function takes and gives -------------------------------------------------------------------------------------
template <class R, class... P>
struct Signature {
  using result = R;
  using parameters = boost::mp11::mp_list<P...>;
};
template <class F>
struct signature_of {};
template <class R, class... P>
struct signature_of<R (*)(P...)> : std::type_identity<Signature<R, P...>> {};
template <class R, class... P>
struct signature_of<R (*)(P...) noexcept> : std::type_identity<Signature<R, P...>> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...)> : std::type_identity<Signature<R, P...>> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) const> : std::type_identity<Signature<R, P...>> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) noexcept> : std::type_identity<Signature<R, P...>> {};
template <class C, class R, class... P>
struct signature_of<R (C::*)(P...) const noexcept> : std::type_identity<Signature<R, P...>> {};
template <class F>
  requires requires { &F::operator(); }
struct signature_of<F> : signature_of<decltype(&F::operator())> {};

template <class F>
concept PlainFunction = requires { typename signature_of<std::decay_t<F>>::type; };

template <class P>
using bare = std::remove_cvref_t<P>;
template <class P>
constexpr bool is_context = std::same_as<bare<P>, AssetExecutionContext>;
template <class P>
constexpr bool is_resource = std::derived_from<bare<P>, ConfigurableResource>;
template <class P>
constexpr bool is_config = std::derived_from<bare<P>, Config>;
template <class P>
constexpr bool is_input = !is_context<P> && !is_resource<P> && !is_config<P>;

/// The type that a value is kept as: tables of any form as Table, character arrays as text.
template <class T>
struct kept_as : std::type_identity<T> {};
template <>
struct kept_as<arrow::Table> : std::type_identity<Table> {};
template <>
struct kept_as<std::shared_ptr<arrow::Table>> : std::type_identity<Table> {};
template <>
struct kept_as<const char*> : std::type_identity<std::string> {};
template <>
struct kept_as<std::string_view> : std::type_identity<std::string> {};
template <class T>
using kept = typename kept_as<bare<T>>::type;

/// arrow::Result<T>, without Arrow's headers.
template <class R>
concept ArrowResult = requires(R result) {
  { result.ok() } -> std::same_as<bool>;
  result.status().ToString();
  *std::move(result);
};
template <class T>
struct is_output : std::false_type {};
template <class T>
struct is_output<Output<T>> : std::true_type {};

template <class R>
struct value_of : std::type_identity<kept<R>> {};
template <class T>
struct value_of<Output<T>> : value_of<T> {};
template <ArrowResult R>
struct value_of<R> : std::type_identity<kept<decltype(*std::declval<R>())>> {};

template <class R>
AssetResult to_result(R&& returned) {
  if constexpr (std::same_as<bare<R>, MaterializeResult>) {
    return {{}, {returned.metadata, returned.data_version, returned.tags}};
  } else if constexpr (is_output<bare<R>>::value) {
    auto result = to_result(std::move(returned.value));
    result.options = std::move(returned.options);
    return result;
  } else if constexpr (ArrowResult<bare<R>>) {
    if (!returned.ok()) throw std::runtime_error(returned.status().ToString());
    return to_result(*std::move(returned));
  } else {
    return {Value::of<kept<R>>(kept<R>(std::forward<R>(returned))), {}};
  }
}

template <class P>
decltype(auto) pass_input(const Value& value) {
  if constexpr (std::same_as<bare<P>, Value>)
    return (value);
  else if constexpr (std::same_as<bare<P>, arrow::Table>)
    return *value.get<Table>();
  else if constexpr (std::same_as<bare<P>, std::string_view>)
    return std::string_view(value.get<std::string>());
  else if constexpr (std::same_as<bare<P>, std::shared_ptr<arrow::Table>>)
    return value.get<Table>().shared();
  else
    return value.get<kept<P>>();
}

template <class P>
struct CheckedParameter {
  static_assert(!is_context<P> || std::is_lvalue_reference_v<P>,
                "headrace: take the context as `headrace::AssetExecutionContext& context`");
  static_assert(!is_input<P> || !std::is_lvalue_reference_v<P> || std::is_const_v<std::remove_reference_t<P>>,
                "headrace: an input is taken by value or as `const T&`: it is loaded, and changes to it would be lost");
  static_assert(!std::is_rvalue_reference_v<P>, "headrace: take an input by value or as `const T&`, not as `T&&`");
  static_assert(!is_input<P> || !std::is_pointer_v<bare<P>>,
                "headrace: an input is a value, not a pointer: nobody could load it");
  static_assert(!is_config<P> || Described<bare<P>>,
                "headrace: describe the fields of this Config: BOOST_DESCRIBE_STRUCT(TheConfig, (), (field, …))");
  static constexpr bool ok = true;
};

/// Hands the arguments over in the order of the parameters.
struct Dealer {
  StepArguments& arguments;
  std::size_t input = 0, resource = 0;
  template <class P>
  decltype(auto) next() {
    if constexpr (is_context<P>)
      return (arguments.context);
    else if constexpr (is_resource<P>)
      return (*static_cast<bare<P>*>(arguments.resources.at(resource++)));
    else if constexpr (is_config<P>)
      return from_json_value<bare<P>>(arguments.config);
    else
      return pass_input<P>(arguments.inputs.at(input++));
  }
};

template <class F, class R, class... P>
AssetResult call_function(F& function, StepArguments& arguments, Signature<R, P...>) {
  Dealer dealer{arguments};
  // In braces arguments are evaluated from left to right.
  std::tuple<decltype(dealer.next<P>())...> dealt{dealer.next<P>()...};
  if constexpr (std::is_void_v<R>) {
    std::apply(function, std::move(dealt));
    return {};
  } else {
    return to_result(std::apply(function, std::move(dealt)));
  }
}

template <class F, class R, class... P>
AssetFunction make_function(F function, Signature<R, P...> signature) {
  static_assert((CheckedParameter<P>::ok && ...));
  static_assert((0 + ... + (is_config<P> ? 1 : 0)) <= 1, "headrace: an asset takes one Config");
  static_assert(!std::is_pointer_v<R> || std::same_as<bare<R>, const char*>,
                "headrace: an asset returns a value, not a pointer: nobody could store it");
  AssetFunction made;
  (
      [&] {
        if constexpr (is_resource<P>) {
          made.resources.push_back(typeid(bare<P>));
          made.resource_types.push_back(type_name(typeid(bare<P>)));
        } else if constexpr (is_config<P>) {
          made.config = fields_of<bare<P>>();
          made.config_defaults = to_json_value(bare<P>{});
        } else if constexpr (is_input<P>) {
          made.inputs.push_back(&type_of<kept<P>>());
        }
      }(),
      ...);
  if constexpr (!std::is_void_v<R> && !std::same_as<R, MaterializeResult>)
    made.output = &type_of<typename value_of<bare<R>>::type>();
  made.call = [function = std::move(function), signature](StepArguments& arguments) mutable {
    return call_function(function, arguments, signature);
  };
  return made;
}

}  // namespace detail

/// An asset's definition. `function` is null for one that others make (external_asset()).
struct Asset {
  AssetKey key;
  AssetOptions options;
  std::shared_ptr<const detail::AssetFunction> function;
  std::string file;
  int line = 0;
};

template <class F>
Asset asset(AssetKey key, F&& function, AssetOptions options = {}, std::source_location where = std::source_location::current()) {
  static_assert(
      detail::PlainFunction<F>,
      "headrace: asset() needs a function or a lambda whose parameters have plain types: a generic lambda (auto) and an "
      "overloaded function do not say which inputs they take");
  if constexpr (detail::PlainFunction<F>) {
    using Signature = typename detail::signature_of<std::decay_t<F>>::type;
    auto made = detail::make_function(std::decay_t<F>(std::forward<F>(function)), Signature());
    return {std::move(key), std::move(options), std::make_shared<const detail::AssetFunction>(std::move(made)), where.file_name(),
            static_cast<int>(where.line())};
  }
}

/// An asset that is made elsewhere, and can be an input here.
inline Asset external_asset(AssetKey key, AssetOptions options = {},
                            std::source_location where = std::source_location::current()) {
  return {std::move(key), std::move(options), nullptr, where.file_name(), static_cast<int>(where.line())};
}

}  // namespace sdk
}  // namespace headrace
