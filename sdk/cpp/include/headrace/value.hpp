// A value on its way between an asset's function and an IO manager: any C++ type, known by name.
#pragma once

#include <memory>
#include <typeindex>

#include <headrace/json_value.hpp>

namespace headrace {
inline namespace sdk {

/// The name of a C++ type as people write it: "int", "std::string", "my::Model".
std::string type_name(const std::type_info& type);

/// What is known of a value's type at run time. One object a type.
struct Type {
  std::type_index id;
  std::string name;
  json (*to_json)(const void*) = nullptr;  ///< null: the type has no JSON form
  std::shared_ptr<const void> (*from_json)(const json&) = nullptr;
  bool is_any = false;  ///< the consumer takes a Value as it comes
  bool operator==(const Type& other) const { return id == other.id; }
};

class Value;

template <class T>
const Type& type_of() {
  static const Type type = [] {
    Type made{typeid(T), type_name(typeid(T))};
    if constexpr (std::same_as<T, Value>) {
      made.is_any = true;
    } else if constexpr (JsonValue<T>) {
      made.to_json = [](const void* value) { return to_json_value(*static_cast<const T*>(value)); };
      made.from_json = [](const json& from) -> std::shared_ptr<const void> {
        return std::make_shared<const T>(from_json_value<T>(from));
      };
    }
    return made;
  }();
  return type;
}

class Value {
 public:
  Value() = default;
  template <class T>
  static Value of(T value) {
    return Value(type_of<T>(), std::make_shared<const T>(std::move(value)));
  }
  /// From a JSON form, as `type`.
  static Value from_json(const Type& type, const json& from) { return Value(type, type.from_json(from)); }

  bool empty() const { return type_ == nullptr; }
  const Type& type() const { return *type_; }
  /// Throws TypeError where it is a value of another type.
  template <class T>
  const T& get() const {
    if (!holds<T>()) throw TypeError("the value is a " + (type_ ? type_->name : "nothing") + ", not a " + type_of<T>().name);
    return *static_cast<const T*>(data_.get());
  }
  template <class T>
  bool holds() const {
    return type_ != nullptr && *type_ == type_of<T>();
  }
  /// Throws TypeError where the type has no JSON form.
  json to_json() const;
  /// The same value as another type: itself, or by way of JSON. Throws TypeError where there is no way.
  Value as(const Type& wanted) const;

 private:
  Value(const Type& type, std::shared_ptr<const void> data) : type_(&type), data_(std::move(data)) {}
  const Type* type_ = nullptr;
  std::shared_ptr<const void> data_;
};

}  // namespace sdk
}  // namespace headrace
