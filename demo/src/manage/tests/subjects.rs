//! What checks are run on: systems, cloud resources, policies, scanners, device management.

/// A system or resource: integration id, what it is called in ids, what it is called in sentences.
pub(super) type Subject<'a> = (&'a str, &'a str, &'a str);

pub(super) const SYSTEMS: &[Subject<'static>] = &[
    ("aws", "aws", "AWS"),
    ("gcp", "gcp", "Google Cloud"),
    ("github", "github", "GitHub"),
    ("okta", "okta", "Okta"),
    ("gsuiteadmin", "google-workspace", "Google Workspace"),
    ("slack", "slack", "Slack"),
    ("jira", "jira", "Jira"),
    ("datadog", "datadog", "Datadog"),
    ("cloudflare", "cloudflare", "Cloudflare"),
    ("snowflake", "snowflake", "Snowflake"),
    ("pagerduty", "pagerduty", "PagerDuty"),
    ("salesforce", "salesforce", "Salesforce"),
    ("zendesk", "zendesk", "Zendesk"),
    ("rippling", "rippling", "Rippling"),
    ("onepassword", "1password", "1Password"),
    ("kandji", "kandji", "Kandji"),
    ("snyk", "snyk", "Snyk"),
    ("notion", "notion", "Notion"),
    ("figma", "figma", "Figma"),
    ("mongodbatlas", "mongodb-atlas", "MongoDB Atlas"),
];

pub(super) const RESOURCES: &[Subject<'static>] = &[
    ("aws", "aws-s3-buckets", "S3 buckets"),
    ("aws", "aws-rds-instances", "RDS instances"),
    ("aws", "aws-dynamodb-tables", "DynamoDB tables"),
    ("aws", "aws-ebs-volumes", "EBS volumes"),
    ("aws", "aws-opensearch-domains", "OpenSearch domains"),
    ("gcp", "gcp-storage-buckets", "Cloud Storage buckets"),
    ("gcp", "gcp-sql-instances", "Cloud SQL instances"),
    ("gcp", "gcp-bigquery-datasets", "BigQuery datasets"),
    ("mongodbatlas", "atlas-clusters", "Atlas clusters"),
];

pub(super) const POLICIES: &[Subject<'static>] = &[
    ("vanta", "access-control-policy", "Access Control Policy"),
    ("vanta", "acceptable-use-policy", "Acceptable Use Policy"),
    ("vanta", "asset-management-policy", "Asset Management Policy"),
    ("vanta", "business-continuity-plan", "Business Continuity Plan"),
    ("vanta", "change-management-policy", "Change Management Policy"),
    ("vanta", "code-of-conduct", "Code of Conduct"),
    ("vanta", "cryptography-policy", "Cryptography Policy"),
    ("vanta", "data-management-policy", "Data Management Policy"),
    ("vanta", "human-resources-policy", "Human Resources Policy"),
    ("vanta", "incident-response-plan", "Incident Response Plan"),
    ("vanta", "information-security-policy", "Information Security Policy"),
    ("vanta", "operations-security-policy", "Operations Security Policy"),
    ("vanta", "physical-security-policy", "Physical Security Policy"),
    ("vanta", "privacy-policy", "Privacy Policy"),
    ("vanta", "risk-management-policy", "Risk Management Policy"),
    ("vanta", "secure-development-policy", "Secure Development Policy"),
    ("vanta", "third-party-policy", "Third-Party Management Policy"),
    ("vanta", "hipaa-sanctions-policy", "HIPAA Sanctions Policy"),
];

pub(super) const SCANNERS: &[Subject<'static>] = &[
    ("inspector", "aws-inspector", "AWS Inspector"),
    ("snyk", "snyk", "Snyk"),
    ("dependabot", "github-dependabot", "GitHub Dependabot"),
    ("trivy", "trivy", "Trivy"),
];

pub(super) const COMPUTERS: &[Subject<'static>] =
    &[("kandji", "kandji", "Kandji"), ("intune", "intune", "Intune")];
