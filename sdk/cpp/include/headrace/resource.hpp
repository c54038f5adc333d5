// Resources and IO managers: plain structs whose fields are described with Boost.Describe.
//
//   struct CsvFolder : headrace::ConfigurableIOManager {
//     std::string path_prefix;
//     void handle_output(headrace::OutputContext& context, const Table& table);
//     Table load_input(headrace::InputContext& context);
//   };
//   BOOST_DESCRIBE_STRUCT(CsvFolder, (), (path_prefix))
//
// A manager of several types takes a Value and looks what it is: void handle_output(OutputContext&, const Value&) and
// Value load_input(InputContext&), where context.type() says what is wanted.
#pragma once

#include <concepts>
#include <functional>

#include <headrace/context.hpp>
#include <headrace/env_var.hpp>

namespace headrace {
inline namespace sdk {

struct ConfigurableResource {};
struct IOManager : ConfigurableResource {};
using ConfigurableIOManager = IOManager;
/// The base of a struct with an asset's run config.
struct Config {};

namespace detail {

// ---- fields --------------------------------------------------------------------------------------------------------------
struct Field {
  std::string name, type;
  std::function<json(const void*)> get;
  std::function<void(void*, const json&)> set;
};

template <class T>
std::string field_type() {
  if constexpr (std::same_as<T, bool>)
    return "bool";
  else if constexpr (std::integral<T>)
    return "int";
  else if constexpr (std::floating_point<T>)
    return "float";
  else if constexpr (std::convertible_to<T, std::string>)
    return "string";
  else if constexpr (requires { typename T::mapped_type; } || Described<T>)
    return "object";
  else if constexpr (
      requires { typename T::value_type; } && !requires(T t) { t.has_value(); })
    return "list";
  else if constexpr (requires(T t) { t.has_value(); })
    return field_type<typename T::value_type>();
  else
    return "any";
}

template <class T>
std::vector<Field> fields_of() {
  std::vector<Field> fields;
  if constexpr (Described<T>) {
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
      using Member = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
      static_assert(JsonValue<Member>, "headrace: a described field must be a text, a number, a bool, a list or a map of such");
      fields.push_back({member.name, field_type<Member>(),
                        [member](const void* object) { return to_json_value(static_cast<const T*>(object)->*member.pointer); },
                        [member](void* object, const json& value) {
                          static_cast<T*>(object)->*member.pointer = from_json_value<Member>(value);
                        }});
    });
  }
  return fields;
}

// ---- what an IO manager stores and loads ---------------------------------------------------------------------------------
template <class M>
struct stored_type_of;
template <class C, class V>
struct stored_type_of<void (C::*)(OutputContext&, V)> : std::type_identity<std::remove_cvref_t<V>> {};
template <class C, class V>
struct stored_type_of<void (C::*)(OutputContext&, V) const> : std::type_identity<std::remove_cvref_t<V>> {};

template <class T>
concept HandlesOutput = requires { typename stored_type_of<decltype(&T::handle_output)>::type; };
template <class T>
concept LoadsInput = requires(T manager, InputContext& context) {
  { manager.load_input(context) } -> std::move_constructible;
};

/// A living resource of any type.
struct LiveResource {
  virtual ~LiveResource() = default;
  virtual void* object() = 0;
  virtual void set_up(InitResourceContext&) = 0;
  virtual void tear_down(InitResourceContext&) = 0;
  virtual void handle_output(OutputContext&, const Value&) = 0;
  virtual Value load_input(InputContext&) = 0;
  /// The bytes at an address, where the resource has access to it.
  virtual std::optional<std::string> read_stored(const std::string& uri, const Log& log) = 0;
};

template <class T>
struct Live final : LiveResource {
  explicit Live(const T& from) : resource(from) {}
  void* object() override { return &resource; }
  void set_up(InitResourceContext& context) override {
    if constexpr (requires { resource.setup_for_execution(context); }) resource.setup_for_execution(context);
  }
  void tear_down(InitResourceContext& context) override {
    if constexpr (requires { resource.teardown_after_execution(context); }) resource.teardown_after_execution(context);
  }
  void handle_output(OutputContext& context, const Value& value) override {
    if constexpr (std::derived_from<T, IOManager>) {
      using Stored = typename stored_type_of<decltype(&T::handle_output)>::type;
      if constexpr (std::same_as<Stored, Value>)
        resource.handle_output(context, value);
      else
        resource.handle_output(context, value.as(type_of<Stored>()).template get<Stored>());
    }
  }
  Value load_input(InputContext& context) override {
    if constexpr (std::derived_from<T, IOManager>) {
      using Loaded = std::remove_cvref_t<decltype(resource.load_input(context))>;
      if constexpr (std::same_as<Loaded, Value>)
        return resource.load_input(context);
      else
        return Value::of<Loaded>(resource.load_input(context));
    }
    return {};
  }
  std::optional<std::string> read_stored(const std::string& uri, const Log& log) override {
    if constexpr (requires { resource.read_stored(uri, log); }) return resource.read_stored(uri, log);
    return {};
  }
  T resource;
};

/// What is known of a resource before it is set up.
struct ResourceInfo {
  std::string type, description;
  std::string stored_format;  ///< of an IO manager: as its materializations will say; empty: not known before
  std::type_index id = typeid(void);
  bool is_io_manager = false, in_memory = false;
  const Type* stored_type = nullptr;        ///< of an IO manager; is_any: decides by the value
  std::function<bool(const Type&)> stores;  ///< of an IO manager that decides by the value; empty: takes all
  std::string stored_scheme;                ///< of the addresses that its read_stored(uri, log) reads; empty: it has none
  std::vector<Field> fields;
  json given = json::object(), defaults = json::object();
  std::map<std::string, std::string> env_vars;  ///< field → variable
  std::function<std::unique_ptr<LiveResource>()> make;
};

template <class T>
ResourceInfo describe_resource(const T& from) {
  static_assert(std::copy_constructible<T>,
                "headrace: a resource must be copyable: each worker sets up a copy of its own. Open connections and the like in "
                "setup_for_execution(InitResourceContext&).");
  ResourceInfo info{.type = type_name(typeid(T)), .id = typeid(T), .fields = fields_of<T>()};
  info.make = [from] { return std::make_unique<Live<T>>(from); };
  if constexpr (requires { T::description; }) info.description = T::description;
  if constexpr (requires { T::stored_scheme; }) info.stored_scheme = T::stored_scheme;
  if constexpr (std::derived_from<T, IOManager>) {
    static_assert(
        HandlesOutput<T>,
        "headrace: an IO manager needs `void handle_output(headrace::OutputContext& context, const T& value)`, once: for "
        "several types take `const headrace::Value& value` and look what it holds");
    static_assert(LoadsInput<T>, "headrace: an IO manager needs `T load_input(headrace::InputContext& context)`");
    info.is_io_manager = true;
    info.stored_type = &type_of<typename stored_type_of<decltype(&T::handle_output)>::type>();
    if constexpr (requires { T::in_memory; }) info.in_memory = T::in_memory;
    if constexpr (requires { T::stored_format; }) info.stored_format = T::stored_format;
    if constexpr (requires(const Type& type) { T::stores(type); }) info.stores = &T::stores;
  }
  for (const auto& field : info.fields) {
    info.given[field.name] = field.get(&from);
    if constexpr (std::default_initializable<T>) {
      const T untouched{};
      info.defaults[field.name] = field.get(&untouched);
    }
    if (info.given[field.name].is_string()) {
      const auto text = info.given[field.name].template get<std::string>();
      if (const auto variable = EnvVar::name_in(text); !variable.empty()) info.env_vars[field.name] = variable;
    }
  }
  return info;
}

}  // namespace detail

/// A resource of any type, with its key in Definitions::resources.
class Resource {
 public:
  template <class T>
    requires(!std::same_as<std::remove_cvref_t<T>, Resource>)
  Resource(const T& resource) {
    static_assert(std::derived_from<T, ConfigurableResource>,
                  "headrace: a resource derives from headrace::ConfigurableResource, an IO manager from headrace::IOManager");
    info_ = std::make_shared<const detail::ResourceInfo>(detail::describe_resource(resource));
  }
  const detail::ResourceInfo& info() const { return *info_; }

 private:
  template <class T>
  friend Resource configured(const T& resource, const std::map<std::string, EnvVar>& fields);
  std::shared_ptr<const detail::ResourceInfo> info_;
};

/// A resource with fields from environment variables, of any type: configured(Database{}, {{"port", EnvVar("DB_PORT")}}).
template <class T>
Resource configured(const T& resource, const std::map<std::string, EnvVar>& fields) {
  auto info = detail::describe_resource(resource);
  for (const auto& [field, variable] : fields) info.env_vars.insert_or_assign(field, variable.name());
  Resource made(resource);
  made.info_ = std::make_shared<const detail::ResourceInfo>(std::move(info));
  return made;
}

}  // namespace sdk
}  // namespace headrace
