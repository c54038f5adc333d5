// Which C++ values have a JSON form, and how they get it: numbers, texts, bools, json, vectors, maps and optionals of such,
// structs described with Boost.Describe, and whatever nlohmann::json converts by itself.
#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <cmath>
#include <concepts>
#include <map>
#include <optional>
#include <vector>

#include <headrace/error.hpp>

namespace headrace {
inline namespace sdk {

template <class T>
concept Described = std::is_class_v<T> && boost::describe::has_describe_members<T>::value;

namespace detail {

template <class T>
using members_of = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

template <class T>
struct json_form {
  static constexpr bool exists = std::constructible_from<json, const T&> && requires(const json& from) { from.get<T>(); };
};
template <class T>
struct json_form<std::vector<T>> {
  static constexpr bool exists = json_form<T>::exists;
};
template <class T>
struct json_form<std::map<std::string, T>> {
  static constexpr bool exists = json_form<T>::exists;
};
template <class T>
struct json_form<std::optional<T>> {
  static constexpr bool exists = json_form<T>::exists;
};
template <Described T>
struct json_form<T> {
  static constexpr bool exists = true;
};
template <class T>
  requires std::is_pointer_v<T>
struct json_form<T> {
  static constexpr bool exists = false;
};

}  // namespace detail

/// A value that JSON can hold.
template <class T>
concept JsonValue = detail::json_form<T>::exists;

template <JsonValue T>
json to_json_value(const T& value);
template <JsonValue T>
T from_json_value(const json& from);

namespace detail {

[[noreturn]] inline void wrong_json(const json& from, const char* wanted) {
  std::string shown = from.dump(-1, ' ', false, json::error_handler_t::replace);
  if (shown.size() > 80) shown = shown.substr(0, 77) + "…";
  throw TypeError("the stored JSON is " + shown + ", which is not " + wanted);
}

template <class T>
json json_of(const T& value) {
  if constexpr (std::floating_point<T>) {
    if (!std::isfinite(value)) throw TypeError("JSON has no number for infinity and NaN: store it with another IO manager");
  }
  return json(value);
}
template <class T>
json json_of(const std::vector<T>& values) {
  json list = json::array();
  for (const auto& each : values) list.push_back(to_json_value<T>(each));
  return list;
}
template <class T>
json json_of(const std::map<std::string, T>& values) {
  json object = json::object();
  for (const auto& [name, each] : values) object[name] = to_json_value<T>(each);
  return object;
}
template <class T>
json json_of(const std::optional<T>& value) {
  return value ? to_json_value<T>(*value) : json(nullptr);
}
template <Described T>
json json_of(const T& value) {
  json object = json::object();
  boost::mp11::mp_for_each<members_of<T>>([&](auto member) { object[member.name] = to_json_value(value.*member.pointer); });
  return object;
}

template <class T>
struct from_json_form {
  static T make(const json& from) {
    if constexpr (std::same_as<T, bool>) {
      if (!from.is_boolean()) wrong_json(from, "true or false");
    } else if constexpr (std::integral<T>) {
      if (!from.is_number_integer()) wrong_json(from, "a whole number");
    } else if constexpr (std::floating_point<T>) {
      if (!from.is_number()) wrong_json(from, "a number");
    } else if constexpr (std::same_as<T, std::string>) {
      if (!from.is_string()) wrong_json(from, "a text");
    }
    return from.get<T>();
  }
};
template <class T>
struct from_json_form<std::vector<T>> {
  static std::vector<T> make(const json& from) {
    if (!from.is_array()) wrong_json(from, "a list");
    std::vector<T> values;
    for (const auto& each : from) values.push_back(from_json_value<T>(each));
    return values;
  }
};
template <class T>
struct from_json_form<std::map<std::string, T>> {
  static std::map<std::string, T> make(const json& from) {
    if (!from.is_object()) wrong_json(from, "an object");
    std::map<std::string, T> values;
    for (const auto& [name, each] : from.items()) values.emplace(name, from_json_value<T>(each));
    return values;
  }
};
template <class T>
struct from_json_form<std::optional<T>> {
  static std::optional<T> make(const json& from) {
    return from.is_null() ? std::optional<T>() : std::optional<T>(from_json_value<T>(from));
  }
};
template <Described T>
struct from_json_form<T> {
  static T make(const json& from) {
    if (!from.is_object()) wrong_json(from, "an object");
    T value{};
    boost::mp11::mp_for_each<members_of<T>>([&](auto member) {
      auto& field = value.*member.pointer;
      if (auto found = from.find(member.name); found != from.end())
        field = from_json_value<std::remove_cvref_t<decltype(field)>>(*found);
    });
    return value;
  }
};

}  // namespace detail

template <JsonValue T>
json to_json_value(const T& value) {
  return detail::json_of(value);
}
template <JsonValue T>
T from_json_value(const json& from) {
  return detail::from_json_form<T>::make(from);
}

}  // namespace sdk
}  // namespace headrace
