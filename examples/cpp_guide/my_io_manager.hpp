#pragma once

#include <headrace/sdk.hpp>
#include <headrace/tables.hpp>

using headrace::Table;

struct MyIOManager : headrace::ConfigurableIOManager {
  std::string path_prefix;

  std::string get_path(const headrace::IOContext& context) const {
    return path_prefix + context.asset_key().to_user_string() + ".csv";
  }

  void handle_output(headrace::OutputContext& context, const Table& table) {
    context.add_output_metadata({{"nrows", count_rows(table)}});
    write_csv(table, get_path(context));
  }

  Table load_input(headrace::InputContext& context) { return headrace::read_csv(get_path(context)); }
};
BOOST_DESCRIBE_STRUCT(MyIOManager, (), (path_prefix))
