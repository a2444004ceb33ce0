# What jq has and jaq does not, and what is not to be had from a process that reads nothing but the items.

# Nothing of the surroundings.
def env: {};
def input: error("there is one input, the array of items");
def inputs: empty;
def input_filename: null;
def input_line_number: 0;
def localtime: gmtime;
def strflocaltime($format): strftime($format);

# To end with a message is to fail with it.
def halt_error: error;
def halt_error($code): error;

# Joins.
def INDEX(stream; f): reduce stream as $row ({}; .[$row | f | tostring] = $row);
def INDEX(f): INDEX(.[]; f);
def IN(stream): . as $x | any(stream; . == $x);
def IN(source; stream): any(source; IN(stream));

# Further functions of jq 1.7 and 1.8.
def toarray: if isarray then . else [.] end;
def leaf_paths: paths(scalars);
def trimstr($x): ltrimstr($x) | rtrimstr($x);
def ascii: [.] | implode;
def date: todate;
def dateadd(unit; n): . + n;
def datesub(unit; n): . - n;
def isvalid(f): try (f | true) catch false;

# Rows.
def row(f; $format):
  if isarray then map(
    if . == null then ""
    elif isstring then f
    elif isarray or isobject then error("cannot write \(.) in a row of \($format)")
    else tostring end)
  else error("cannot write \(.) as a row of \($format); it takes an array") end;
def @csv: row("\"" + (. / "\"" | join("\"\"")) + "\""; "CSV") | join(",");
def @tsv: row(. / "\\" | join("\\\\") | . / "\t" | join("\\t") | . / "\n" | join("\\n") | . / "\r" | join("\\r"); "TSV")
  | join("\t");
